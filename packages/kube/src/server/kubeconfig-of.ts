import type { EmbeddedServer } from './start-server.ts';

/** A kubeconfig with the administrator of an embedded server; its one context is the current one. */
export function kubeconfigOf(
  server: Pick<EmbeddedServer, 'url' | 'caCertPem' | 'adminToken'>,
  { cluster, context }: { readonly cluster: string; readonly context: string },
): object {
  const authority = Buffer.from(server.caCertPem).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server: server.url, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token: server.adminToken } }],
    contexts: [{ name: context, context: { cluster, user: 'admin' } }],
    'current-context': context,
  };
}
