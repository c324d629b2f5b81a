import { createObject, getObject, mergePatchObject } from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { Lease, Node } from '@flatland/kube/client/resources';
import type { Logger } from 'pino';
import type { NodeDefinition } from '../clusters/cluster-definition.ts';
import { nodeArchitecture, nodeObject } from '../clusters/node-object.ts';
import { withCondition } from '../workloads/kinds/meta.ts';
import type * as kinds from '../workloads/kinds/node.ts';
import { LEASE_NAMESPACE } from '../workloads/node-lifecycle/node-lifecycle-controller.ts';

const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
const REGISTER_RETRY_MS = 1000;

export type HeartbeatOptions = {
  readonly client: KubeClient;
  readonly cluster: string;
  readonly node: NodeDefinition;
  /** Text for `kubectl get nodes -o wide`: what carries the packets. */
  readonly runtimeName: string;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/**
 * Registers the node as ready, as soon as the API answers, and renews its lease until the returned function is called.
 */
export async function startHeartbeat(options: HeartbeatOptions): Promise<() => void> {
  while (!(await succeeds(registerNode(options), options.log))) {
    await new Promise((resolve) => setTimeout(resolve, REGISTER_RETRY_MS));
  }
  void succeeds(renewLease(options), options.log);
  let nRenewals = 0;
  const timer = setInterval(() => {
    nRenewals += 1;
    void succeeds(renewLease(options), options.log);
    // A node that was silent for a while has been marked; once in a minute its word is given again.
    if (nRenewals % 6 === 0) void succeeds(registerNode(options), options.log);
  }, RENEW_MS);
  return () => clearInterval(timer);
}

async function succeeds(work: Promise<void>, log: Logger): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      log.warn({ err: error }, 'the API does not take the node’s heartbeat');
      return false;
    },
  );
}

async function registerNode({ client, cluster, node, runtimeName, nowMs }: HeartbeatOptions): Promise<void> {
  const read = await getObject<kinds.Node>(client, Node, { name: node.name });
  if (!read.ok && read.error.kind !== 'notFound') orThrow(read);
  const live = read.ok
    ? read.value
    : orThrow(
        await createObject<kinds.Node>(client, Node, {
          object: nodeObject(cluster, node),
        }),
      );
  const condition = {
    type: 'Ready',
    status: 'True' as const,
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  };
  const conditions = withCondition(live.status?.conditions, condition, nowMs());
  const resources = { cpu: '2', memory: '4Gi', pods: '110' };
  orThrow(
    await mergePatchObject(client, Node, {
      name: node.name,
      subresource: 'status',
      patch: {
        status: {
          addresses: [
            { type: 'InternalIP', address: node.address },
            { type: 'Hostname', address: node.name },
          ],
          capacity: resources,
          allocatable: resources,
          conditions,
          nodeInfo: {
            architecture: nodeArchitecture(),
            bootID: '',
            containerRuntimeVersion: runtimeName,
            kernelVersion: '',
            kubeProxyVersion: '',
            kubeletVersion: 'v1.32.0',
            machineID: '',
            operatingSystem: 'linux',
            osImage: 'Flatland lab',
            systemUUID: '',
          },
        },
      },
    }),
  );
}

async function renewLease({ client, node, nowMs }: HeartbeatOptions): Promise<void> {
  const ref = { name: node.name, namespace: LEASE_NAMESPACE };
  const renewTime = new Date(nowMs()).toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: node.name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
  const patched = await mergePatchObject(client, Lease, { ...ref, patch: { spec } });
  if (patched.ok || patched.error.kind !== 'notFound') return void orThrow(patched);
  orThrow(await createObject(client, Lease, { object: { metadata: ref, spec } }));
}
