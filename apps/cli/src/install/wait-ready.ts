import type { KubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import { DaemonSet, Deployment } from '@flatland/kube/client/resources';
import { OWNER_LABEL, OWNER_LABEL_VALUE, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { explainPods } from './explain-pods.ts';
import { orRefused } from './refused.ts';
import { rolloutOf, type Rollout, type Workload } from './rollout.ts';
import { waitUntil, type Waiting } from './wait-until.ts';

/**
 * Waits until agents, forwarders and controllers are ready in the version that was applied, and says each step. Gives
 * how many forwarders still run an earlier one: they are never replaced by themselves.
 */
export async function waitReady(client: KubeClient, waiting: Waiting): Promise<{ outdated: number }> {
  const said = new Map<string, string>();
  let rollouts: Rollout[] = [];
  const isReady = async () => {
    const workloads = await installedWorkloads(client);
    rollouts = workloads.map(rolloutOf);
    workloads.forEach(({ metadata: { name } }, index) => {
      const { text } = rollouts[index]!;
      if (said.get(name) !== text) waiting.say(text);
      said.set(name, text);
    });
    return rollouts.length > 0 && rollouts.every(({ done }) => done);
  };
  await waitUntil(waiting, `${client.cluster}: Flatland is not ready`, isReady, () => explainPods(client));
  return { outdated: rollouts.reduce((sum, { outdated }) => sum + outdated, 0) };
}

async function installedWorkloads(client: KubeClient): Promise<Workload[]> {
  const options = {
    namespace: SYSTEM_NAMESPACE,
    labelSelector: `${OWNER_LABEL}=${OWNER_LABEL_VALUE}`,
  };
  const found: Workload[] = [];
  for (const type of [DaemonSet, Deployment]) {
    const list = await listObjects<Workload>(client, type, options);
    found.push(...orRefused(`${client.cluster}: ${type.plural}`, list).items);
  }
  return found;
}
