import { DROP_REASONS, type DropReason } from '../drop-reason.ts';

/** Counts drops by their reason. */
export class DropCounters {
  readonly #counts = new Map<DropReason, number>();

  add(reason: DropReason, n = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + n);
  }

  get(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** The reasons that occurred, in the order of the list. */
  toRecord(): Partial<Record<DropReason, number>> {
    const entries = DROP_REASONS.flatMap((reason) => {
      const count = this.#counts.get(reason);
      return count === undefined ? [] : [[reason, count] as const];
    });
    return Object.fromEntries(entries);
  }
}
