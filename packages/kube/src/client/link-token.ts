import { LINK_ACCOUNT, LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { OWNER_LABEL, OWNER_LABEL_VALUE, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import { createObject, mergePatchObject } from './objects.ts';
import type { CallOptions } from './objects.ts';
import { Secret } from './resources.ts';
import type { Sensitive } from './sensitive.ts';
import { createToken } from './service-account-token.ts';

/** The shortest life that a TokenRequest takes. */
const MIN_SECONDS = 600;

/** When a token was made and when it ends, as it says itself. */
export interface TokenTimes {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Asks the cluster that a link leads to for a bound token of the links' account. */
export function mintLinkToken(
  issuer: KubeClient,
  lifeSeconds: number,
  options: CallOptions = {},
): Promise<Result<{ token: Sensitive; expiresAt: string }, KubeError>> {
  const account = { name: LINK_ACCOUNT, namespace: SYSTEM_NAMESPACE };
  const expirationSeconds = Math.max(MIN_SECONDS, Math.round(lifeSeconds));
  return createToken(issuer, account, { ...options, expirationSeconds });
}

/** What is written, and where. */
export interface LinkTokenWrite extends CallOptions {
  /** The Secret's entry: the name of the cluster that the token speaks to. */
  readonly key: string;
  readonly fieldManager: string;
  /** @default LINKS_SECRET */
  readonly secretName?: string;
}

/** Puts a token where the controller of this cluster reads it. Other links' tokens stay; the Secret is made where there is none. */
export async function putLinkToken(
  client: KubeClient,
  token: Sensitive,
  { key, fieldManager, secretName = LINKS_SECRET, ...options }: LinkTokenWrite,
): Promise<Result<void, KubeError>> {
  const data = { [key]: Buffer.from(token.reveal()).toString('base64') };
  const ref = { name: secretName, namespace: SYSTEM_NAMESPACE };
  const patched = await mergePatchObject(client, Secret, {
    ...options,
    ...ref,
    fieldManager,
    patch: { data },
  });
  if (patched.ok) return ok(undefined);
  if (patched.error.kind !== 'notFound') return patched;
  const object = { metadata: { ...ref, labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } }, type: 'Opaque', data };
  const created = await createObject(client, Secret, { ...options, object, fieldManager });
  return created.ok ? ok(undefined) : created;
}

/** Takes a link's token out of the Secret. One that is not there is taken out already. */
export async function forgetLinkToken(
  client: KubeClient,
  { key, fieldManager, secretName = LINKS_SECRET, ...options }: LinkTokenWrite,
): Promise<Result<void, KubeError>> {
  const ref = { name: secretName, namespace: SYSTEM_NAMESPACE };
  const patch = { data: { [key]: null } };
  const patched = await mergePatchObject(client, Secret, { ...options, ...ref, fieldManager, patch });
  return patched.ok || patched.error.kind === 'notFound' ? ok(undefined) : patched;
}

/** The times that a service account's token (a JWT, RFC 7519) says; undefined for a token that says none. */
export function tokenTimes(token: Sensitive): TokenTimes | undefined {
  try {
    const payload = token.reveal().split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      iat?: unknown;
      exp?: unknown;
    } | null;
    if (typeof claims?.iat !== 'number' || typeof claims.exp !== 'number') return undefined;
    return { issuedAtMs: claims.iat * 1000, expiresAtMs: claims.exp * 1000 };
  } catch {
    return undefined;
  }
}
