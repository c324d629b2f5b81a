import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import type { CallOptions } from './objects.ts';
import { sendRequest } from './request.ts';
import { ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** The server's version, for example `v1.37.2` (`GET /version`). */
export async function readServerVersion(
  client: KubeClient,
  options: CallOptions = {},
): Promise<Result<{ gitVersion: string }, KubeError>> {
  const answer = await sendRequest(client, {
    ...options,
    method: 'GET',
    path: '/version',
    idempotency: 'idempotent',
  });
  if (!answer.ok) return answer;
  const { gitVersion } = answer.value as { gitVersion?: unknown };
  return ok({ gitVersion: typeof gitVersion === 'string' ? gitVersion : 'unknown' });
}
