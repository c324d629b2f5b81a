import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';

/** How long objects are kept that vanished all at once, or that a restored API lost. */
export const HOLD_MS = 10 * 60 * 1000;
/**
 * How long an object is kept that a list lacks, although no watch told of its deletion, until it counts as deleted.
 * Meanwhile another kind's list may show that the API goes on from a backup, for the kinds are listed one by one.
 */
export const DOUBT_MS = 5000;

interface Lost {
  readonly untilMs: number;
  readonly object: KubernetesObject;
  /** False while it may have been deleted. */
  readonly isHeld: boolean;
}

/**
 * Objects that a list lacked, by kind and key. Versions alone do not tell what a restored API lost from what was deleted:
 * as soon as it has written as much as it lost, they are newer than everything that it lacks. So all that is missing
 * around the time when any list was seen to go back is kept.
 */
export class LostObjects {
  readonly #lost = new Map<string, Lost>();
  #wentBackMs = -Infinity;

  add(key: string, object: KubernetesObject, nowMs: number): void {
    const isHeld = this.isRestored(nowMs);
    this.#lost.set(key, { object, isHeld, untilMs: nowMs + (isHeld ? HOLD_MS : DOUBT_MS) });
  }

  /** Some list was older than what had been seen of its kind. */
  wentBack(nowMs: number): void {
    this.#wentBackMs = nowMs;
    for (const [key, { object, isHeld }] of this.#lost) if (!isHeld) this.add(key, object, nowMs);
  }

  /** True for as long as what a list lacks is kept, for some list went back. */
  isRestored(nowMs: number): boolean {
    return nowMs - this.#wentBackMs < HOLD_MS;
  }

  delete(key: string): void {
    this.#lost.delete(key);
  }

  /** Lets go of what was kept long enough. True where something was, or nothing is kept for that reason any more. */
  release(nowMs: number): boolean {
    let released = this.#wentBackMs > -Infinity && !this.isRestored(nowMs);
    if (released) this.#wentBackMs = -Infinity;
    for (const [key, { untilMs }] of this.#lost)
      if (nowMs >= untilMs) released = this.#lost.delete(key) || released;
    return released;
  }

  /** What is kept because it was lost, sorted. */
  held(): string[] {
    return [...this.#lost].flatMap(([key, { isHeld }]) => (isHeld ? [key] : [])).toSorted();
  }

  /** Everything that is kept. */
  objects(): [string, KubernetesObject][] {
    return [...this.#lost].map(([key, { object }]) => [key, object]);
  }
}
