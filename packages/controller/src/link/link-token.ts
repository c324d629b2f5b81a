import { getObject } from '@flatland/kube/client/objects';
import { Secret } from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { Sensitive } from '@flatland/kube/client/sensitive';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { Clock } from '@flatland/kube/client/clock';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** How long a token is used before the Secret is looked at again. */
const REREAD_MS = 300_000;

/** A link's token, read from its Secret when it is needed. */
export interface LinkToken {
  /** Gives the token, or throws with a text that holds none of it. */
  read(): Promise<Sensitive>;
  /** Makes the next `read` look at the Secret: the other side refused the token. */
  forget(): void;
}

/** The token in the Secret of a ClusterLink. Only the controller reads these. */
export function linkToken(client: KubeClient, secretName: string, clock: Clock): LinkToken {
  let known: { token: Sensitive; atMs: number } | undefined;
  return {
    async read() {
      const nowMs = clock.nowMs();
      if (known !== undefined && nowMs - known.atMs < REREAD_MS) return known.token;
      const secret = await readToken(client, secretName);
      if (!secret.ok) throw new Error(secret.error);
      known = { token: secret.value, atMs: nowMs };
      return secret.value;
    },
    forget() {
      known = undefined;
    },
  };
}

async function readToken(client: KubeClient, name: string): Promise<Result<Sensitive, string>> {
  const about = `Secret ${SYSTEM_NAMESPACE}/${name}`;
  const secret = await getObject(client, Secret, { name, namespace: SYSTEM_NAMESPACE });
  if (!secret.ok) return err(`${about}: ${secret.error.kind}`);
  const data = secret.value['data'];
  const token = typeof data === 'object' && data !== null && 'token' in data ? data.token : undefined;
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8').trim() : '';
  return /^[\x21-\x7e]{1,16384}$/.test(text) ? ok(sensitive(text)) : err(`${about} has no token`);
}
