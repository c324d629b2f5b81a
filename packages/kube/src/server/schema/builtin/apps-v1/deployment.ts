import { isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { completePodSpec } from '../core-v1/pod-defaults.ts';
import { ageColumn, column, nameColumn, numberAt, valueAt } from '../printer-column.ts';
import { deployment as schema } from './deployment-schema.ts';
import { checkWorkload } from './check-workload.ts';
import { containersColumns } from './workload-columns.ts';

export const deployment: BuiltinKind = builtinKind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  statusResets: [['spec'], ['metadata', 'labels']],
  hasGeneration: true,
  schema,
  columns: [
    nameColumn,
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
    ),
    column('Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas')),
    column('Available', (object) => numberAt(object, 'status', 'availableReplicas')),
    ageColumn,
    ...containersColumns,
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  complete: completeDeployment,
  check: checkWorkload,
});

function completeDeployment(object: JsonObject): void {
  const strategy = valueAt(object, 'spec', 'strategy');
  if (
    isJsonObject(strategy) &&
    strategy['type'] === 'RollingUpdate' &&
    !isJsonObject(strategy['rollingUpdate'])
  ) {
    strategy['rollingUpdate'] = { maxUnavailable: '25%', maxSurge: '25%' };
  }
  const podSpec = valueAt(object, 'spec', 'template', 'spec');
  if (isJsonObject(podSpec)) completePodSpec(podSpec);
}
