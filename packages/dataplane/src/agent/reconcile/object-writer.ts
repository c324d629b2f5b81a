import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { ClusterApi, OwnKind, WriteOutcome } from '../cluster/cluster-api.ts';
import type { ObsoleteObject } from '../compile/obsolete-objects.ts';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 15_000;

type Wish = { readonly object: KubernetesObject } | { readonly remove: ObsoleteObject };

interface Desk {
  wish: Wish | undefined;
  isBusy: boolean;
  nFailures: number;
  cancelRetry: (() => void) | undefined;
}

interface Deps {
  readonly cluster: ClusterApi;
  readonly clock: ClockPort;
  readonly log: LogPort;
}

/**
 * Writes the node's own objects, each in its own turn: the newest wish wins, what the API has already is
 * not written, and what fails is tried again.
 */
export class ObjectWriter {
  readonly #deps: Deps;
  readonly #desks = new Map<string, Desk>();
  #isStopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Makes objects so, and takes others away. */
  follow(objects: readonly KubernetesObject[], obsolete: readonly ObsoleteObject[]): void {
    const there = new Map(
      this.#deps.cluster.objects().map((object) => [`${object.kind} ${object.metadata.name}`, object]),
    );
    for (const object of objects) {
      const key = `${object.kind} ${object.metadata.name}`;
      if (isSame(there.get(key), object)) this.#forget(key);
      else this.#want(key, { object });
    }
    for (const remove of obsolete) this.#want(`${remove.kind} ${remove.name}`, { remove });
  }

  stop(): void {
    this.#isStopped = true;
    for (const desk of this.#desks.values()) desk.cancelRetry?.();
  }

  #forget(key: string): void {
    const desk = this.#desks.get(key);
    if (desk === undefined) return;
    desk.wish = undefined;
    desk.nFailures = 0;
  }

  #want(key: string, wish: Wish): void {
    const desk: Desk = this.#desks.get(key) ?? {
      wish: undefined,
      isBusy: false,
      nFailures: 0,
      cancelRetry: undefined,
    };
    this.#desks.set(key, desk);
    const isNew = JSON.stringify(desk.wish) !== JSON.stringify(wish);
    desk.wish = wish;
    if (desk.isBusy || (desk.cancelRetry !== undefined && !isNew)) return;
    void this.#work(key, desk);
  }

  async #work(key: string, desk: Desk): Promise<void> {
    desk.isBusy = true;
    desk.cancelRetry?.();
    desk.cancelRetry = undefined;
    while (desk.wish !== undefined && !this.#isStopped) {
      const { wish } = desk;
      const outcome = await this.#write(wish);
      if (desk.wish !== wish) continue;
      desk.wish = undefined;
      if (outcome.kind === 'done' || outcome.kind === 'exists') {
        desk.nFailures = 0;
        continue;
      }
      this.#deps.log.warn({ object: key, error: outcome.message }, 'cannot write an object');
      this.#retry(key, desk, wish);
    }
    desk.isBusy = false;
  }

  #retry(key: string, desk: Desk, wish: Wish): void {
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(desk.nFailures++, 10));
    const { clock } = this.#deps;
    desk.cancelRetry = clock.at(clock.nowMs() + delayMs, () => {
      desk.cancelRetry = undefined;
      if (desk.isBusy || this.#isStopped) return;
      desk.wish ??= wish;
      void this.#work(key, desk);
    });
  }

  #write(wish: Wish): Promise<WriteOutcome> {
    const { cluster } = this.#deps;
    if ('object' in wish) return cluster.apply(wish.object);
    return cluster.remove(wish.remove.kind as OwnKind, wish.remove.name);
  }
}

/** True where the API has all that is wanted; fields that others added do not count. */
function isSame(there: KubernetesObject | undefined, wanted: KubernetesObject): boolean {
  return (
    there !== undefined &&
    canonical(there['spec']) === canonical(wanted['spec']) &&
    canonical(there.metadata.labels) === canonical({ ...there.metadata.labels, ...wanted.metadata.labels })
  );
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
