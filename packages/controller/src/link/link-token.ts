import type { Clock } from '@flatland/kube/client/clock';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { tokenTimes } from '@flatland/kube/client/link-token';
import type { TokenTimes } from '@flatland/kube/client/link-token';
import { getObject } from '@flatland/kube/client/objects';
import { Secret } from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { Sensitive } from '@flatland/kube/client/sensitive';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** How long a token is used before the Secret is looked at again. */
const REREAD_MS = 300_000;

/** Where the token of a link is kept. */
export interface TokenPlace {
  readonly secretName: string;
  readonly secretKey: string;
}

/** A link's token, read from its Secret when it is needed. */
export interface LinkToken {
  /** Gives the token, or throws with a text that holds none of it. */
  read(): Promise<Sensitive>;
  /** Makes the next `read` look at the Secret: the other side refused the token, or there is a new one. */
  forget(): void;
  /** What the token says of its life, of the last that was read. */
  times(): TokenTimes | undefined;
}

/** The token in the Secret of a ClusterLink. Only the controller reads these. */
export function linkToken(client: KubeClient, place: TokenPlace, clock: Clock): LinkToken {
  let known: { token: Sensitive; atMs: number } | undefined;
  let times: TokenTimes | undefined;
  return {
    async read() {
      const nowMs = clock.nowMs();
      if (known !== undefined && nowMs - known.atMs < REREAD_MS) return known.token;
      const secret = await readToken(client, place);
      if (!secret.ok) throw new Error(secret.error);
      known = { token: secret.value, atMs: nowMs };
      times = tokenTimes(secret.value);
      return secret.value;
    },
    forget() {
      known = undefined;
    },
    times: () => times,
  };
}

/** A token that is not in the Secret yet, to be tried. */
export function givenToken(token: Sensitive): LinkToken {
  return { read: () => Promise.resolve(token), forget() {}, times: () => tokenTimes(token) };
}

async function readToken(
  client: KubeClient,
  { secretName, secretKey }: TokenPlace,
): Promise<Result<Sensitive, string>> {
  const about = `Secret ${SYSTEM_NAMESPACE}/${secretName}`;
  const secret = await getObject(client, Secret, { name: secretName, namespace: SYSTEM_NAMESPACE });
  if (!secret.ok) return err(`${about}: ${secret.error.kind}`);
  const data = secret.value['data'];
  const isMap = typeof data === 'object' && data !== null && Object.hasOwn(data, secretKey);
  const token = isMap ? (data as Readonly<Record<string, unknown>>)[secretKey] : undefined;
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8').trim() : '';
  return /^[\x21-\x7e]{1,16384}$/.test(text) ? ok(sensitive(text)) : err(`${about} has no ${secretKey}`);
}
