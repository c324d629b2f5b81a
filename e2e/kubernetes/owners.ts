import { ADDRESS_REST_MS } from '@flatland/dataplane/agent/addresses/address-book';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { startListWatch } from '@flatland/kube/client/list-watch/list-watch';
import { MemberSlice } from '@flatland/kube/client/resources';
import { zMemberSlice } from '@flatland/shared/model/member-slice';
import { err, ok } from '@flatland/shared/result';

/** An agent releases an address before others hear of it. */
const HEARD_LATE_MS = 60_000;

/** The owners of a domain's addresses, from each change that any cluster tells. */
export interface OwnersWatch {
  /** Each time that an address had two owners, or another one before it had rested. */
  readonly faults: readonly string[];
  /** Uids of the pods that are members now. */
  members(): ReadonlySet<string>;
  /** How many pods became members, and stopped to be, since the first complete look. */
  counts(): { readonly joined: number; readonly left: number };
  stop(): void;
}

/** Follows the owners of a domain's addresses until it is stopped. */
export async function watchOwners(
  domain: string,
  clients: ReadonlyMap<string, KubeClient>,
): Promise<OwnersWatch> {
  const ledger = new OwnersLedger();
  const watches = [...clients.values()].map((client) =>
    startListWatch(client, MemberSlice, {
      parse: (raw) => {
        const parsed = zMemberSlice.safeParse(raw);
        return parsed.success ? ok(parsed.data) : err(parsed.error.message);
      },
      onChanges: () => look(),
    }),
  );
  const look = () =>
    ledger.take(
      watches
        .flatMap(({ cache }) => cache.list())
        .filter(({ spec }) => spec.domain === domain)
        .flatMap(({ spec }) => spec.members)
        .map(({ pod, addresses }) => ({ uid: pod.uid, addresses })),
      Date.now(),
    );
  await Promise.all(watches.map(({ whenSynced }) => whenSynced));
  look();
  const atFirst = ledger.counts();
  return {
    faults: ledger.faults,
    members: () => ledger.members(),
    counts: () => {
      const { joined, left } = ledger.counts();
      return { joined: joined - atFirst.joined, left: left - atFirst.left };
    },
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}

/** Who had which address until when. */
class OwnersLedger {
  readonly faults: string[] = [];
  #members: ReadonlySet<string> = new Set();
  #owners: ReadonlyMap<string, string> = new Map();
  readonly #last = new Map<string, { uid: string; untilMs: number }>();
  #joined = 0;
  #left = 0;

  members(): ReadonlySet<string> {
    return this.#members;
  }

  counts(): { readonly joined: number; readonly left: number } {
    return { joined: this.#joined, left: this.#left };
  }

  /** Takes what all clusters say at a moment. */
  take(
    said: readonly { readonly uid: string; readonly addresses: readonly string[] }[],
    nowMs: number,
  ): void {
    // Until now they had what they had at the last look.
    for (const [address, uid] of this.#owners) this.#last.set(address, { uid, untilMs: nowMs });
    const owners = new Map<string, string>();
    for (const { uid, addresses } of said)
      for (const address of addresses) {
        const other = owners.get(address);
        if (other !== undefined && other !== uid) this.faults.push(`${address} is ${other}’s and ${uid}’s`);
        const last = this.#last.get(address);
        if (last !== undefined && last.uid !== uid && nowMs - last.untilMs < ADDRESS_REST_MS - HEARD_LATE_MS)
          this.faults.push(
            `${address} went from ${last.uid} to ${uid} after ${(nowMs - last.untilMs) / 1000} s`,
          );
        owners.set(address, uid);
      }
    const members = new Set(said.map(({ uid }) => uid));
    this.#joined += [...members].filter((uid) => !this.#members.has(uid)).length;
    this.#left += [...this.#members].filter((uid) => !members.has(uid)).length;
    this.#owners = owners;
    this.#members = members;
  }
}
