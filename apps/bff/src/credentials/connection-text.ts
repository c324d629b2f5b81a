import type { Connection, Credential } from '@flatland/kube/client/connection';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import type { ClusterName } from '@flatland/shared/model/names';
import { z } from 'zod';

const zConnection = z.strictObject({
  server: z.string(),
  caPem: z.string().exactOptional(),
  tlsServerName: z.string().exactOptional(),
  credential: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('token'), token: z.string() }),
    z.strictObject({ kind: z.literal('client-certificate'), certificatePem: z.string(), keyPem: z.string() }),
  ]),
});

/** A connection as the text that is sealed. It holds secrets in clear: it goes nowhere else. */
export function connectionText({ server, caPem, tlsServerName, credential }: Connection): string {
  return JSON.stringify({ server, caPem, tlsServerName, credential: plain(credential) });
}

/** The connection of a text that was sealed, under the cluster’s name; undefined where it is none. */
export function readConnectionText(text: string, cluster: ClusterName): Connection | undefined {
  const parsed = zConnection.safeParse(parseJson(text));
  const server = parseServerUrl(parsed.data?.server ?? '');
  if (!parsed.success || !server.ok) return undefined;
  const { credential, ...rest } = parsed.data;
  return { ...rest, cluster, server: server.value, credential: wrapped(credential) };
}

function plain(credential: Credential) {
  switch (credential.kind) {
    case 'token':
      return { kind: credential.kind, token: credential.token.reveal() };
    case 'client-certificate':
      return { ...credential, keyPem: credential.keyPem.reveal() };
    case 'none':
    case 'token-source':
      throw new Error('the kubeconfig reader gives tokens and client certificates only');
  }
}

function wrapped(credential: z.infer<typeof zConnection>['credential']): Credential {
  return credential.kind === 'token'
    ? { kind: 'token', token: sensitive(credential.token) }
    : { ...credential, keyPem: sensitive(credential.keyPem) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
