import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, valueAt } from '../printer-column.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import { bool, bytes, mapOf, text } from '../shape.ts';

const schema = kindObject('io.k8s.api.core.v1.ConfigMap', 'Settings for pods to read.', {
  data: mapOf(text(''), 'Settings as text.'),
  binaryData: mapOf(bytes(''), 'Settings as bytes.'),
  immutable: bool('Whether the settings cannot change any more.'),
});

export const configMap: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  schema,
  columns: [
    nameColumn,
    column(
      'Data',
      (object) => countKeys(valueAt(object, 'data')) + countKeys(valueAt(object, 'binaryData')),
      {
        type: 'integer',
      },
    ),
    ageColumn,
  ],
});

function countKeys(value: JsonValue | undefined): number {
  return isJsonObject(value) ? Object.keys(value satisfies JsonObject).length : 0;
}
