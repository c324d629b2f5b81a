import { strictAddressPolicy } from '@flatland/kube/client/address-policy';
import type { AddressPolicy } from '@flatland/kube/client/address-policy';
import { isCertificateChain } from '@flatland/kube/client/kubeconfig/pem';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { LinkToken } from './link-token.ts';

/** Makes the client of the cluster that a link leads to, or says why there is none. */
export type DialLink = (link: ClusterLink, token: LinkToken) => Result<KubeClient, string>;

/** Dials the link's server over TLS, trusting the link's CA alone. */
export function dialOverTls(options: { addressPolicy?: AddressPolicy } = {}): DialLink {
  return (link, token) => {
    const server = parseServerUrl(link.spec.server);
    if (!server.ok) return err(`spec.server: ${server.error}`);
    if (!isCertificateChain(link.spec.caBundle)) return err('spec.caBundle: no PEM certificates');
    return ok(
      openKubeClient(
        {
          cluster: link.spec.cluster,
          server: server.value,
          caPem: link.spec.caBundle,
          credential: { kind: 'token-source', read: () => token.read() },
        },
        { addressPolicy: options.addressPolicy ?? strictAddressPolicy, userAgent: 'flatland-controller' },
      ),
    );
  };
}
