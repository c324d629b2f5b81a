import { invalid } from '../../field-error.ts';
import { isJsonObject, setOwn, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, textAt, valueAt } from '../printer-column.ts';
import { bool, bytes, mapOf, text } from '../shape.ts';
import { checkSecretType } from './check-secret.ts';
import { checkDataKeys, countKeys } from './data-keys.ts';

export const secret: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  schema: kindObject('io.k8s.api.core.v1.Secret', 'Confidential data.', {
    data: mapOf(bytes(''), 'The data, in base64.'),
    stringData: mapOf(text(''), 'The data as text; written into data and never shown.'),
    immutable: bool('Whether the data cannot change any more.'),
    type: text('What the data is for.', { default: 'Opaque' }),
  }),
  columns: [
    nameColumn,
    column('Type', (object) => textAt(object, 'type')),
    column('Data', (object) => countKeys(object, ['data']), { type: 'integer' }),
    ageColumn,
  ],
  // Go compares what is immutable by reflect.DeepEqual, for which nil and an empty map are two things.
  tellsEmpty: ['data'],
  complete: moveStringData,
  check: (object, old) => {
    const errors = [...checkDataKeys(object, old, ['data']), ...checkSecretType(object)];
    const type = textAt(object, 'type');
    if (old && textAt(old, 'type') !== type) errors.push(invalid('type', type, 'field is immutable'));
    return errors;
  },
});

/** Writes stringData into data, as base64. */
function moveStringData(object: JsonObject): void {
  const texts = valueAt(object, 'stringData');
  delete object['stringData'];
  if (!isJsonObject(texts) || Object.keys(texts).length === 0) return;
  const before = valueAt(object, 'data');
  const data: JsonObject = isJsonObject(before) ? before : {};
  for (const key of Object.keys(texts))
    setOwn(data, key, Buffer.from(textAt(texts, key), 'utf8').toString('base64'));
  object['data'] = data;
}
