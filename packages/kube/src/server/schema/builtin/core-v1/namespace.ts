import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { ageColumn, column, nameColumn, textAt, valueAt } from '../printer-column.ts';
import { isJsonObject, setOwn, type JsonObject } from '../../json.ts';
import { always, list, object, text } from '../shape.ts';

const schema = kindObject('io.k8s.api.core.v1.Namespace', 'A scope for names.', {
  spec: always(
    object(
      'How the namespace behaves.',
      { finalizers: list(text(''), 'Must be empty before the namespace goes.') },
      { component: 'io.k8s.api.core.v1.NamespaceSpec' },
    ),
  ),
  status: always(
    object(
      'State of the namespace.',
      {
        phase: text('Active or Terminating.', { default: 'Active' }),
        conditions: conditionsOf('io.k8s.api.core.v1.NamespaceCondition', {}),
      },
      { component: 'io.k8s.api.core.v1.NamespaceStatus' },
    ),
  ),
});

export const namespace: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  subresources: ['status', 'finalize'],
  nameRule: 'dns-label',
  schema,
  columns: [nameColumn, column('Status', (object) => textAt(object, 'status', 'phase')), ageColumn],
  complete: labelWithName,
});

/** The label that selectors of namespaces rely on. */
function labelWithName(object: JsonObject): void {
  const name = textAt(object, 'metadata', 'name');
  const metadata = valueAt(object, 'metadata');
  if (name === '' || !isJsonObject(metadata)) return;
  const labels = valueAt(metadata, 'labels');
  if (isJsonObject(labels)) setOwn(labels, 'kubernetes.io/metadata.name', name);
  else metadata['labels'] = { 'kubernetes.io/metadata.name': name };
}
