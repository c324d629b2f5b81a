import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import type { KubeObject } from '../model/kube-object.ts';
import { isJsonObject } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import type { StoreReader } from '../storage/store.ts';
import type { User } from './user.ts';
import { AUTHENTICATED_GROUP, MASTERS_GROUP } from './user.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** The audience of tokens for this API. */
export const API_AUDIENCE = ISSUER;

/** What a token may be bound to: it dies with that object. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly apiVersion: string;
  readonly name: string;
  readonly uid: string;
}

export interface ServiceAccountClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly bound?: BoundObject;
  /** The node that a bound pod runs on. */
  readonly node?: { readonly name: string; readonly uid?: string };
  readonly audiences: readonly string[];
  readonly issuedAtS: number;
  readonly expiresAtS: number;
  readonly id: string;
}

/** What a token proves: who, and to which of the asked audiences. */
export interface Authenticated {
  readonly user: User;
  readonly audiences: readonly string[];
}

export interface TokenAuthorityOptions {
  /** EC P-256 private key that signs ServiceAccount tokens. */
  readonly signingKey: KeyObject;
  readonly adminToken: string;
  readonly reader: StoreReader;
  readonly nowMs: () => number;
}

/** Issues and checks bearer tokens: the administrator's own, and ServiceAccount tokens (JWT, ES256). */
export class TokenAuthority {
  readonly #signingKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #adminDigest: Buffer;
  readonly #reader: StoreReader;
  readonly #nowMs: () => number;
  readonly #keyId: string;

  constructor({ signingKey, adminToken, reader, nowMs }: TokenAuthorityOptions) {
    this.#signingKey = signingKey;
    this.#publicKey = createPublicKey(signingKey);
    this.#adminDigest = digest(adminToken);
    this.#reader = reader;
    this.#nowMs = nowMs;
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha256').update(der).digest('base64url');
  }

  /** The public key, as `/openid/v1/jwks` shows it. */
  jwks(): object {
    const key = this.#publicKey.export({ format: 'jwk' });
    return { keys: [{ use: 'sig', kid: this.#keyId, alg: 'ES256', ...key }] };
  }

  /** Signs a ServiceAccount token. */
  issue(claims: ServiceAccountClaims): string {
    const header = encode({ alg: 'ES256', kid: this.#keyId });
    const payload = encode(payloadOf(claims));
    const text = `${header}.${payload}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.#signingKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }

  /** Checks a token for any of the audiences; undefined when it proves nothing. */
  authenticate(token: string, audiences: readonly string[] = [API_AUDIENCE]): Authenticated | undefined {
    if (timingSafeEqual(digest(token), this.#adminDigest)) {
      return {
        user: { username: 'admin', groups: [MASTERS_GROUP, AUTHENTICATED_GROUP] },
        audiences: [...audiences],
      };
    }
    const payload = this.#verify(token);
    return payload && this.#accept(payload, audiences);
  }

  #verify(token: string): JsonObject | undefined {
    const parts = token.split('.');
    if (parts.length !== 3 || token.length > 16_384) return undefined;
    const [header, payload, signature] = parts as [string, string, string];
    const head = decode(header);
    if (head?.['alg'] !== 'ES256') return undefined;
    const fits = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key: this.#publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    return fits ? decode(payload) : undefined;
  }

  #accept(payload: JsonObject, audiences: readonly string[]): Authenticated | undefined {
    const nowS = this.#nowMs() / 1000;
    if (payload['iss'] !== ISSUER) return undefined;
    if (!(Number(payload['exp']) > nowS) || Number(payload['nbf']) > nowS + 10) return undefined;
    const held = Array.isArray(payload['aud']) ? payload['aud'] : [];
    const shared = audiences.filter((audience) => held.includes(audience));
    const claims = payload['kubernetes.io'];
    if (shared.length === 0 || !isJsonObject(claims)) return undefined;
    const namespace = text(claims['namespace']);
    const account = reference(claims['serviceaccount']);
    if (!account || !this.#lives('serviceaccounts', namespace, account)) return undefined;
    const extra = this.#extra(claims, namespace, text(payload['jti']));
    if (!extra) return undefined;
    const user: User = {
      username: `system:serviceaccount:${namespace}:${account.name}`,
      uid: account.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED_GROUP],
      extra,
    };
    return { user, audiences: shared };
  }

  /** What the token is bound to, as the user's extra; undefined when that is gone. */
  #extra(claims: JsonObject, namespace: string, id: string): Record<string, string[]> | undefined {
    const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] };
    const pod = reference(claims['pod']);
    const node = reference(claims['node']);
    const secret = reference(claims['secret']);
    if (pod && !this.#lives('pods', namespace, pod)) return undefined;
    if (secret && !this.#lives('secrets', namespace, secret)) return undefined;
    if (node && !pod && !this.#lives('nodes', '', node)) return undefined;
    if (pod) {
      extra['authentication.kubernetes.io/pod-name'] = [pod.name];
      extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
    }
    if (node) {
      extra['authentication.kubernetes.io/node-name'] = [node.name];
      if (node.uid) extra['authentication.kubernetes.io/node-uid'] = [node.uid];
    }
    return extra;
  }

  #lives(resource: string, namespace: string, { name, uid }: Reference): boolean {
    const object: KubeObject | undefined = this.#reader.get({ resource, namespace, name })?.object;
    return object !== undefined && object.metadata.uid === uid;
  }
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

function payloadOf(claims: ServiceAccountClaims): JsonObject {
  const { namespace, serviceAccount, bound, node, audiences, issuedAtS, expiresAtS, id } = claims;
  const kubernetes: JsonObject = { namespace, serviceaccount: { ...serviceAccount } };
  if (bound) kubernetes[bound.kind.toLowerCase()] = { name: bound.name, uid: bound.uid };
  if (node) kubernetes['node'] = { name: node.name, ...(node.uid && { uid: node.uid }) };
  return {
    aud: [...audiences],
    exp: expiresAtS,
    iat: issuedAtS,
    iss: ISSUER,
    jti: id,
    'kubernetes.io': kubernetes,
    nbf: issuedAtS,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  };
}

function reference(value: JsonValue | undefined): Reference | undefined {
  return isJsonObject(value) ? { name: text(value['name']), uid: text(value['uid']) } : undefined;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
