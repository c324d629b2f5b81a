import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { Logger } from 'pino';
import { watchCluster } from './cluster-state.ts';
import type { ClusterState } from './cluster-state.ts';
import { runController } from './controller.ts';
import { daemonSetController } from './daemon-set/daemon-set-controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { endpointSliceController } from './endpoint-slice/endpoint-slice-controller.ts';
import { podGarbageController } from './garbage/pod-garbage-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { replicaSetController } from './replica-set/replica-set-controller.ts';
import { scheduler } from './scheduler/scheduler.ts';
import { serviceAccountController } from './service-account/service-account-controller.ts';
import { statefulSetController } from './stateful-set/stateful-set-controller.ts';

/** Runs what kube-controller-manager and kube-scheduler are in a real cluster, as far as the lab needs it. */
export async function runControllers(
  client: KubeClient,
  about: { caPem: string; log: Logger; nowMs: () => number },
): Promise<{ readonly state: ClusterState; stop(): Promise<void> }> {
  const state = watchCluster(client);
  await state.whenSynced;
  const deps = { state, log: about.log, nowMs: about.nowMs };
  const running = [
    daemonSetController(deps),
    deploymentController(deps),
    endpointSliceController(deps),
    nodeLifecycleController(deps),
    podGarbageController(deps),
    replicaSetController(deps),
    scheduler(deps, client),
    serviceAccountController(deps, about.caPem),
    statefulSetController(deps),
  ].map((controller) => runController(controller, deps));
  return {
    state,
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
      state.stop();
    },
  };
}
