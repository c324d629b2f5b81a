import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { column, nameColumn, textAt, valueAt } from '../printer-column.ts';
import { checkDefinition } from './check-definition.ts';
import { customResourceDefinitionSchema } from './custom-resource-definition-schema.ts';

export const customResourceDefinition: BuiltinKind = builtinKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  subresources: ['status'],
  hasGeneration: true,
  nameRule: 'crd',
  schema: customResourceDefinitionSchema,
  columns: [
    nameColumn,
    column('Created At', (object) => textAt(object, 'metadata', 'creationTimestamp'), { type: 'date' }),
  ],
  complete,
  check: checkDefinition,
});

/** Names that follow from the kind, and the conversion of kinds with versions of one shape. */
function complete(object: JsonObject): void {
  const spec = valueAt(object, 'spec');
  if (!isJsonObject(spec)) return;
  const names = getOwn(spec, 'names');
  if (isJsonObject(names)) {
    const kind = textAt(names, 'kind');
    if (textAt(names, 'singular') === '' && kind !== '') names['singular'] = kind.toLowerCase();
    if (textAt(names, 'listKind') === '' && kind !== '') names['listKind'] = `${kind}List`;
  }
  if (!isJsonObject(getOwn(spec, 'conversion'))) spec['conversion'] = { strategy: 'None' };
}
