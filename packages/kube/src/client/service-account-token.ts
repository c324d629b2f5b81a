import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import type { NamespacedRef } from './object.ts';
import type { CallOptions } from './objects.ts';
import { sendRequest } from './request.ts';
import { resourcePath } from './resource.ts';
import { ServiceAccount } from './resources.ts';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { sensitive } from './sensitive.ts';
import type { Sensitive } from './sensitive.ts';

/** Asks for a bound token of a service account (TokenRequest). `expiresAt` is RFC 3339. */
export async function createToken(
  client: KubeClient,
  account: NamespacedRef,
  options: CallOptions & { audiences?: readonly string[]; expirationSeconds?: number } = {},
): Promise<Result<{ token: Sensitive; expiresAt: string }, KubeError>> {
  const path = resourcePath(ServiceAccount, { ...account, subresource: 'token' });
  const about = { cluster: client.cluster, request: `POST token of ${account.namespace}/${account.name}` };
  if (!path.ok) return err({ ...about, kind: 'badRequest', message: path.error });
  const answer = await sendRequest(client, {
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    maxTries: options.maxTries,
    method: 'POST',
    path: path.value,
    idempotency: 'idempotent',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(options.audiences === undefined ? {} : { audiences: options.audiences }),
        ...(options.expirationSeconds === undefined ? {} : { expirationSeconds: options.expirationSeconds }),
      },
    },
  });
  if (!answer.ok) return answer;
  const { status } = answer.value as { status?: { token?: unknown; expirationTimestamp?: string } };
  if (typeof status?.token !== 'string')
    return err({ ...about, kind: 'protocol', message: 'the answer has no token' });
  return ok({ token: sensitive(status.token), expiresAt: status.expirationTimestamp ?? '' });
}
