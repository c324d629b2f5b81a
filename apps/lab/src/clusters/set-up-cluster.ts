import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { getObject } from '@flatland/kube/client/objects';
import { ConfigMap } from '@flatland/kube/client/resources';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import { applyObjects, createMissing } from './apply-objects.ts';
import type { ClusterDefinition } from './cluster-definition.ts';
import { baseObjects, flatlandObjects, markerObject, sampleObjects } from './cluster-objects.ts';
import { nodeObject } from './node-object.ts';

/**
 * Sets a cluster up: what every cluster has, Flatland's installation, and at its first start the sample. A cluster
 * that has this installation already is left as it is. Gives whether it was the first start.
 */
export async function setUpCluster(
  client: KubeClient,
  definition: ClusterDefinition,
): Promise<{ isFirstStart: boolean }> {
  const cluster = definition.name;
  const installation = [...baseObjects(), ...flatlandObjects(definition)];
  const marker = markerObject(installation);
  const read = await getObject<KubeObject>(client, ConfigMap, {
    name: marker.metadata.name,
    namespace: marker.metadata.namespace!,
  });
  // Only a cluster that says that it has no marker is new; one that cannot say is not given the sample again.
  if (!read.ok && read.error.kind !== 'notFound') return orThrow(read);
  const installed = read.ok ? (read.value['data'] as { installed?: string }) : undefined;
  if (installed?.installed === (marker['data'] as { installed: string }).installed)
    return { isFirstStart: false };
  await applyObjects(client, installation);
  if (!read.ok) {
    const nodes = definition.nodes.map((node) => nodeObject(cluster, node));
    await createMissing(client, [...nodes, ...sampleObjects(cluster)]);
  }
  await applyObjects(client, [marker]);
  return { isFirstStart: !read.ok };
}
