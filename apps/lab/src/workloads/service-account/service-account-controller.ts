import { orThrow } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import type { Controller, ControllerDeps } from '../controller.ts';
import type { KubeObject } from '../kinds/meta.ts';

/** Gives every namespace its `default` ServiceAccount and the ConfigMap with the API's CA. */
export function serviceAccountController({ state }: ControllerDeps, caPem: string): Controller {
  const namespaceOf = ({ metadata }: KubeObject) =>
    metadata.namespace === undefined ? [] : [metadata.namespace];
  return {
    name: 'service-account',
    sources: {
      namespaces: ({ metadata }) => [metadata.name],
      serviceAccounts: namespaceOf,
      configMaps: namespaceOf,
    },
    async reconcile(namespace) {
      const object = state.namespaces.get(namespace);
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
      const account = { metadata: { name: 'default', namespace } };
      if (state.serviceAccounts.get(keyOf(account.metadata)) === undefined) {
        orThrow(await state.serviceAccounts.create(account));
      }
      const bundle = { metadata: { name: 'kube-root-ca.crt', namespace }, data: { 'ca.crt': caPem } };
      if (state.configMaps.get(keyOf(bundle.metadata)) === undefined) {
        orThrow(await state.configMaps.create(bundle));
      }
      return undefined;
    },
  };
}
