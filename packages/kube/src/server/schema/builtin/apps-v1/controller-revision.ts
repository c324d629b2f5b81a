import { checkImmutable } from '../../check-object-meta.ts';
import { getOwn, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, objectsAt, textAt } from '../printer-column.ts';
import { foreign, int64 } from '../shape.ts';

export const controllerRevision: BuiltinKind = builtinKind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  schema: kindObject('io.k8s.api.apps.v1.ControllerRevision', 'A state that a controller can go back to.', {
    data: {
      ...foreign('io.k8s.apimachinery.pkg.runtime.RawExtension', 'The state; cannot change.'),
      mapType: 'atomic',
    },
    revision: int64('Number of the state.', { default: 0 }),
  }),
  columns: [
    nameColumn,
    column('Controller', controllerOf),
    column('Revision', (object) => numberAt(object, 'revision'), { type: 'integer' }),
    ageColumn,
  ],
  check: (object, old) => (old ? checkImmutable(getOwn(object, 'data'), getOwn(old, 'data'), 'data') : []),
});

function controllerOf(object: JsonObject): string {
  const owner = objectsAt(object, 'metadata', 'ownerReferences').find(
    (entry) => entry['controller'] === true,
  );
  if (!owner) return '<none>';
  const apiVersion = textAt(owner, 'apiVersion');
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${textAt(owner, 'kind').toLowerCase()}${group}/${textAt(owner, 'name')}`;
}
