import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  SYSTEM_NAMESPACE,
  type KubernetesObject,
} from '../../model/kubernetes-object.ts';
import { LINKS_SECRET } from '../../model/cluster-link.ts';
import { customResourceDefinitions } from '../crd/custom-resource-definition.ts';
import { admissionManifests } from './admission.ts';
import { systemMeta } from './meta.ts';
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
    linksSecret(),
    ...admissionManifests(),
    ...workloadManifests(options),
  ];
}

/** Where links' tokens are kept: empty, so that whoever adds one needs no right but to patch this very Secret. */
function linksSecret(): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: systemMeta(LINKS_SECRET), type: 'Opaque' };
}
