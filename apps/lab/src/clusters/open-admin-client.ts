import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import type { ClusterAccess } from './kubeconfig.ts';

/** A client with the administrator's rights over the cluster's unix socket. */
export function openAdminClient(access: ClusterAccess, socketPath: string): KubeClient {
  const server = parseServerUrl(access.url);
  if (!server.ok) throw new Error(`${access.url} is no server`);
  return openKubeClient(
    {
      cluster: access.name,
      server: server.value,
      caPem: access.caCertPem,
      credential: { kind: 'token', token: sensitive(access.adminToken) },
      socketPath,
    },
    { addressPolicy: localAddressPolicy, userAgent: 'flatland-lab' },
  );
}
