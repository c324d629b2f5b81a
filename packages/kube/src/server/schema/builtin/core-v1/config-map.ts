import { invalid, type FieldError } from '../../field-error.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn } from '../printer-column.ts';
import { bool, bytes, mapOf, text } from '../shape.ts';
import { checkDataKeys, countKeys } from './data-keys.ts';

const dataFields = ['data', 'binaryData'];

export const configMap: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  schema: kindObject('io.k8s.api.core.v1.ConfigMap', 'Settings for pods to read.', {
    data: mapOf(text(''), 'Settings as text.'),
    binaryData: mapOf(bytes(''), 'Settings as bytes.'),
    immutable: bool('Whether the settings cannot change any more.'),
  }),
  columns: [
    nameColumn,
    column('Data', (object) => countKeys(object, dataFields), { type: 'integer' }),
    ageColumn,
  ],
  // As in Secrets; data is defaulted to an empty map.
  tellsEmpty: ['binaryData'],
  check: (object, old) => [...checkDataKeys(object, old, dataFields), ...checkDoubles(object)],
});

/** A key is either text or bytes. */
function checkDoubles({ data, binaryData }: JsonObject): FieldError[] {
  if (!isJsonObject(data) || !isJsonObject(binaryData)) return [];
  return Object.keys(data)
    .filter((key) => Object.hasOwn(binaryData, key))
    .toSorted()
    .map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
}
