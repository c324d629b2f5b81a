import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { createObject, deleteObject } from '@flatland/kube/client/objects';
import { Pod } from '@flatland/kube/client/resources';
import { crowdPod } from './crowd.ts';

/** How often it is looked whose turn it is. */
const TICK_MS = 500;
/** One of so many pods is deleted before it has started. */
const NEVER_STARTED = 5;

export interface ChurnOptions {
  /** How many pods come in all, in both clusters together. */
  readonly nPods: number;
  /** How many may be asked for in a second. */
  readonly perSecond: number;
  /** How many there are at a time, at most. */
  readonly nAtOnce: number;
  /** Uids of the pods that are members now. */
  readonly members: () => ReadonlySet<string>;
}

interface Alive {
  readonly client: KubeClient;
  readonly name: string;
  readonly uid: string;
}

/**
 * Lets bare pods come, in every cluster in turn, and go again as soon as they are members; some go before they have
 * started. Nodes that do not keep up slow it down. Gives how long it took until the last was asked to go, in
 * milliseconds. Throws where an API refuses.
 */
export async function churn(
  clients: ReadonlyMap<string, KubeClient>,
  { nPods, perSecond, nAtOnce, members }: ChurnOptions,
): Promise<number> {
  const startMs = performance.now();
  const inTurn = [...clients.values()];
  let alive: Alive[] = [];
  let nCreated = 0;
  while (nCreated < nPods || alive.length > 0) {
    const tickMs = performance.now();
    const present = members();
    const done = alive.filter(({ uid }) => present.has(uid));
    const room = Math.min(nAtOnce - alive.length, nPods - nCreated, (perSecond * TICK_MS) / 1000);
    const names = Array.from({ length: Math.max(0, room) }, () => `crowd-${(nCreated += 1)}`);
    const born = await Promise.all(
      names.map((name, i) => create(inTurn[(nCreated + i) % inTurn.length]!, name)),
    );
    done.push(...born.filter((_, i) => (nCreated + i) % NEVER_STARTED === 0));
    await Promise.all(done.map(remove));
    alive = [...alive, ...born].filter((pod) => !done.includes(pod));
    await sleep(Math.max(0, TICK_MS - (performance.now() - tickMs)));
  }
  return performance.now() - startMs;
}

async function create(client: KubeClient, name: string): Promise<Alive> {
  const made = await createObject(client, Pod, { object: crowdPod(name) });
  if (!made.ok) throw new Error(`${name}: ${made.error.message}`);
  return { client, name, uid: made.value.metadata.uid! };
}

async function remove({ client, name, uid }: Alive): Promise<void> {
  const gone = await deleteObject(client, Pod, { name, namespace: 'shop', uid });
  if (!gone.ok && gone.error.kind !== 'notFound') throw new Error(`${name}: ${gone.error.message}`);
}
