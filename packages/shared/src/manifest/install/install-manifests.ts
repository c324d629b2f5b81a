import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  SYSTEM_NAMESPACE,
  type KubernetesObject,
} from '../../model/kubernetes-object.ts';
import { customResourceDefinitions } from '../crd/custom-resource-definition.ts';
import { admissionManifests } from './admission.ts';
import { rbacManifests } from './rbac.ts';
import { workloadManifests, type InstallOptions } from './workloads.ts';

/** Everything that Flatland installs on a cluster, in the order of applying. */
export function installManifests(options: InstallOptions): KubernetesObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: SYSTEM_NAMESPACE,
        labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE, 'pod-security.kubernetes.io/enforce': 'privileged' },
      },
    },
    ...customResourceDefinitions(),
    ...rbacManifests(),
    ...admissionManifests(),
    ...workloadManifests(options),
  ];
}
