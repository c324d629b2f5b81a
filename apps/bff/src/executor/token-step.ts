import { reviewOwnAccess, type Access } from '@flatland/kube/client/access-review';
import type { KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { forgetLinkToken, mintLinkToken, putLinkToken } from '@flatland/kube/client/link-token';
import { applyObject } from '@flatland/kube/client/objects';
import { ClusterRoleBinding } from '@flatland/kube/client/resources';
import { linkGrant } from '@flatland/shared/manifest/install/rbac';
import { LINK_ACCOUNT, LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { TokenOrder } from '@flatland/shared/plan/plan';
import { err, ok, type Result } from '@flatland/shared/result';
import { outcomeOf, PATIENCE, type StepOutcome } from './apply-step.ts';
import { FIELD_MANAGER } from './field-manager.ts';

/** The two clusters of a token's step. */
export interface TokenSides {
  /** The cluster whose link it is. */
  readonly holder: KubeClient;
  /** The cluster that the link leads to. */
  readonly issuer: KubeClient;
}

/**
 * Makes a link's token and writes it where the holder's controller reads it. The token lives in this function alone:
 * no answer, no journal and no error has it. Safe to repeat: done again it makes another, and the one before it ends by
 * itself.
 */
export async function mintToken({ holder, issuer }: TokenSides, order: TokenOrder): Promise<StepOutcome> {
  for (const grant of order.grants) {
    const object = linkGrant(grant) as Parameters<typeof applyObject>[2]['object'];
    const granted = await applyObject(issuer, ClusterRoleBinding, {
      ...PATIENCE,
      object,
      fieldManager: FIELD_MANAGER,
    });
    if (!granted.ok) return outcomeOf(granted.error);
  }
  const made = await mintLinkToken(issuer, order.lifeSeconds, PATIENCE);
  if (!made.ok) return outcomeOf(made.error);
  const about = { ...PATIENCE, key: order.key, fieldManager: FIELD_MANAGER };
  return outcomeOfResult(await putLinkToken(holder, made.value.token, about));
}

/** Takes a link's token away from the holder. What was made before stays good until its end. */
export async function forgetToken(holder: KubeClient, order: TokenOrder): Promise<StepOutcome> {
  const about = { ...PATIENCE, key: order.key, fieldManager: FIELD_MANAGER };
  return outcomeOfResult(await forgetLinkToken(holder, about));
}

/** Says whether a token's step could be done, by the rights that it needs: nothing is made or written. */
export async function reviewTokenStep(
  { holder, issuer }: TokenSides,
  { action, order }: { readonly action: 'mint' | 'forget'; readonly order: TokenOrder },
): Promise<StepOutcome> {
  const needed: (readonly [KubeClient, Access])[] = [
    [
      holder,
      { verb: 'patch', group: '', resource: 'secrets', namespace: SYSTEM_NAMESPACE, name: LINKS_SECRET },
    ],
    ...(action === 'mint' ? issuerAccess(order).map((access) => [issuer, access] as const) : []),
  ];
  for (const [client, access] of needed) {
    const answer = await reviewed(client, access);
    if (!answer.ok) return answer.error;
  }
  return { kind: 'applied' };
}

function issuerAccess({ grants }: TokenOrder): Access[] {
  const token = { group: '', resource: 'serviceaccounts', subresource: 'token', namespace: SYSTEM_NAMESPACE };
  const bindings = { group: ClusterRoleBinding.group, resource: ClusterRoleBinding.plural };
  return [
    { verb: 'create', ...token, name: LINK_ACCOUNT },
    ...grants.map((name) => ({ verb: 'patch', ...bindings, name })),
  ];
}

async function reviewed(client: KubeClient, access: Access): Promise<Result<void, StepOutcome>> {
  const answer = await reviewOwnAccess(client, access, PATIENCE);
  if (!answer.ok) return err(outcomeOf(answer.error));
  if (answer.value.allowed) return ok(undefined);
  const { verb, resource, subresource, name } = access;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const detail = `${client.cluster}: ${verb} ${what} ${name ?? ''} is not allowed`;
  return err({ kind: 'failed', refusal: { code: 'forbidden', detail }, conflicts: [] });
}

function outcomeOfResult(answer: Result<void, KubeError>): StepOutcome {
  return answer.ok ? { kind: 'applied' } : outcomeOf(answer.error);
}
