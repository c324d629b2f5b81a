import { orThrow } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { ownKey } from '../controller.ts';
import type { Controller, ControllerDeps } from '../controller.ts';
import type { KubeObject } from '../kinds/meta.ts';
import { matchesSelector } from '../matches-selector.ts';
import { sameJson } from '../template-hash.ts';
import { planEndpointSlice } from './plan-endpoint-slice.ts';

/** Keeps one EndpointSlice for each Service that selects pods. */
export function endpointSliceController({ state }: ControllerDeps): Controller {
  const keysOfPod = (pod: KubeObject) =>
    state.services
      .list()
      .filter(
        ({ metadata, spec }) =>
          metadata.namespace === pod.metadata.namespace &&
          matchesSelector({ matchLabels: spec?.selector ?? {} }, pod.metadata.labels),
      )
      .flatMap(ownKey);

  return {
    name: 'endpoint-slice',
    sources: { services: ownKey, pods: keysOfPod },
    async reconcile(key) {
      const service = state.services.get(key);
      if (service === undefined || service.metadata.deletionTimestamp !== undefined) return undefined;
      const wanted = planEndpointSlice(service, state.pods.list());
      if (wanted === undefined) return undefined;
      const live = state.endpointSlices.get(keyOf(wanted.metadata));
      if (live === undefined) {
        orThrow(await state.endpointSlices.create(wanted));
      } else if (
        !sameJson(live.endpoints ?? [], wanted.endpoints) ||
        !sameJson(live.ports ?? [], wanted.ports)
      ) {
        const { endpoints, ports } = wanted;
        orThrow(await state.endpointSlices.patch(live, { endpoints, ports }));
      }
      return undefined;
    },
  };
}
