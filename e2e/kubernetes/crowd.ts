import { membershipManifest } from '@flatland/shared/manifest/membership-manifest';
import { FLATLAND_API_VERSION } from '@flatland/shared/model/kubernetes-object';

/** Label of everything that the crowd consists of, but for pods. */
const TEST_LABEL = { test: 'crowd' };
export const CROWD = 'test=crowd';

/** A light container, of an image that all nodes have. */
const CONTAINER = { name: 'crowd', image: 'flatland.dev/sample-workload', imagePullPolicy: 'Never' };

/** A workload of the sample's shop that is a member of red, its pods over all nodes that take any. */
export function crowdWorkload(
  kind: 'Deployment' | 'StatefulSet',
  name: string,
  replicas: number,
): Record<string, unknown>[] {
  const labels = { app: name };
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    // A node that is drained counts for nothing.
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: labels },
  };
  const template = {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      topologySpreadConstraints: [spread],
      containers: [CONTAINER],
    },
  };
  const membership = membershipManifest({ domain: 'red', namespace: 'shop', kind, name });
  return [
    {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'shop', labels: { ...labels, ...TEST_LABEL } },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template,
        ...(kind === 'StatefulSet' ? { serviceName: name, podManagementPolicy: 'Parallel' } : {}),
      },
    },
    {
      ...membership,
      metadata: { ...membership.metadata, labels: { ...membership.metadata.labels, ...TEST_LABEL } },
    },
  ];
}

/** Makes every pod of the shop that `crowdPod` makes a member of red. */
export function crowdMembership(): object {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    metadata: { name: 'red.crowd', namespace: 'shop', labels: TEST_LABEL },
    spec: { domain: 'red', selector: { matchLabels: { app: 'crowd' } } },
  };
}

/** A pod of nobody's. */
export function crowdPod(name: string) {
  return {
    metadata: { name, namespace: 'shop', labels: { app: 'crowd' } },
    spec: { terminationGracePeriodSeconds: 1, containers: [CONTAINER] },
  };
}
