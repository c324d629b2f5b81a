import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import type { CallOptions } from './objects.ts';
import { sendRequest } from './request.ts';
import { ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** What somebody may want to do (`authorization.k8s.io/v1` ResourceAttributes). */
export type Access = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
};

/** Asks whether this client's own identity may do something (SelfSubjectAccessReview). */
export async function reviewOwnAccess(
  client: KubeClient,
  access: Access,
  options: CallOptions = {},
): Promise<Result<{ allowed: boolean; reason: string }, KubeError>> {
  const answer = await sendRequest(client, {
    ...options,
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    idempotency: 'idempotent',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: access },
    },
  });
  if (!answer.ok) return answer;
  const { status } = answer.value as { status?: { allowed?: boolean; reason?: string } };
  return ok({ allowed: status?.allowed === true, reason: status?.reason ?? '' });
}
