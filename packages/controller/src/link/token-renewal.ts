import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mintLinkToken, putLinkToken } from '@flatland/kube/client/link-token';
import type { TokenTimes } from '@flatland/kube/client/link-token';
import type { Sensitive } from '@flatland/kube/client/sensitive';
import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import { FIELD_MANAGER } from '../status/write-status.ts';
import type { DialLink } from './dial-link.ts';
import { givenToken } from './link-token.ts';
import type { LinkToken } from './link-token.ts';
import { readClusterUid } from './peer-cluster.ts';

/** After a renewal that failed, the next try. */
const RETRY_MS = 60_000;

/** When a token is to be replaced: at half of its life. Infinity for a token that does not say when it ends. */
export function renewAtMs(times: TokenTimes | undefined): number {
  return times === undefined ? Infinity : (times.issuedAtMs + times.expiresAtMs) / 2;
}

/**
 * Replaces a link's token at half of its life, with the rights of the token itself: the other cluster lets the links'
 * account make tokens of its own. The old token is used until the new one was seen to work and is in the Secret.
 */
export class TokenRenewal {
  readonly #sides: { readonly link: ClusterLink; readonly own: KubeClient; readonly dial: DialLink };
  readonly #token: LinkToken;
  #notBeforeMs = -Infinity;
  #fault: string | undefined;

  constructor(sides: { link: ClusterLink; own: KubeClient; dial: DialLink }, token: LinkToken) {
    this.#sides = sides;
    this.#token = token;
  }

  /** Why the last renewal that was due failed, without anything of a token. */
  fault(): string | undefined {
    return this.#fault;
  }

  /** Renews if it is time. Gives when to look again. */
  async run(peer: KubeClient, nowMs: number): Promise<number> {
    const times = this.#token.times();
    const dueMs = renewAtMs(times);
    if (times === undefined || nowMs < dueMs) {
      this.#fault = undefined;
      return dueMs;
    }
    if (nowMs < this.#notBeforeMs) return this.#notBeforeMs;
    this.#token.forget();
    await this.#token.read();
    // Somebody else may have put a newer one there meanwhile.
    if (nowMs < renewAtMs(this.#token.times())) return nowMs;
    this.#notBeforeMs = nowMs + RETRY_MS;
    this.#fault = await this.#renew(peer, (times.expiresAtMs - times.issuedAtMs) / 1000);
    if (this.#fault !== undefined) return this.#notBeforeMs;
    this.#token.forget();
    await this.#token.read();
    return Math.max(this.#notBeforeMs, renewAtMs(this.#token.times()));
  }

  async #renew(peer: KubeClient, lifeSeconds: number): Promise<string | undefined> {
    const { link, own } = this.#sides;
    const made = await mintLinkToken(peer, lifeSeconds, { maxTries: 2 });
    if (!made.ok) return `${link.spec.cluster} makes no new token: ${made.error.message}`;
    const refused = await this.#try(made.value.token);
    if (refused !== undefined) return refused;
    const { secretName, secretKey: key } = link.spec;
    const written = await putLinkToken(own, made.value.token, {
      key,
      secretName,
      fieldManager: FIELD_MANAGER,
    });
    return written.ok ? undefined : `Secret ${secretName} cannot be written: ${written.error.message}`;
  }

  async #try(token: Sensitive): Promise<string | undefined> {
    const { link, dial } = this.#sides;
    const trial = dial(link, givenToken(token));
    if (!trial.ok) return trial.error;
    try {
      const answer = await readClusterUid(trial.value);
      return answer.ok ? undefined : `${link.spec.cluster} refuses the new token: ${answer.error.message}`;
    } finally {
      await trial.value.close();
    }
  }
}
