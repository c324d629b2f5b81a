import { reviewOwnAccess } from '@flatland/kube/client/access-review';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { Domain, Membership } from '@flatland/kube/client/resources';

/** Whether the connection's credentials may write Domains or Memberships; undefined where nobody answers. */
export async function mayWrite(client: KubeClient, signal: AbortSignal): Promise<boolean | undefined> {
  const answers = await Promise.all(
    [Domain, Membership].map(({ group, plural }) =>
      reviewOwnAccess(client, { verb: 'patch', group, resource: plural }, { signal }),
    ),
  );
  if (answers.some((answer) => answer.ok && answer.value.allowed)) return true;
  return answers.every((answer) => answer.ok) ? false : undefined;
}
