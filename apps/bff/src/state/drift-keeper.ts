import { findDrift, rememberingDriftOf, SETTLE_MS, type DriftedObject } from '@flatland/shared/plan/drift';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import type { AppliedSteps } from '../journal/applied-steps.ts';
import { AppliedObjects, type KnownObject } from './applied-objects.ts';
import { sameJson } from './same-json.ts';

export interface DriftKeeperDeps {
  readonly appliedSteps: Pick<AppliedSteps, 'read'>;
  readonly snapshot: () => Snapshot;
  readonly hasRead: (cluster: string, kind: string) => boolean;
  readonly nowMs: () => number;
  /** Called when other objects drifted than before, or in other fields. */
  readonly onDrift: (drifted: readonly DriftedObject[]) => void;
  readonly onError: (error: unknown) => void;
  /** Changes are gathered for this long. @default 100 */
  readonly gatherMs?: number;
}

/** Keeps in step which objects are not what was applied: looks again when a change set goes on and when clusters change. */
export class DriftKeeper {
  readonly #deps: DriftKeeperDeps;
  readonly #applied = new AppliedObjects();
  readonly #judge = rememberingDriftOf();
  /** Change sets that went on since they were read. */
  readonly #stale = new Set<string>();
  #isRead = false;
  #drifted: readonly DriftedObject[] = [];
  #timer: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(deps: DriftKeeperDeps) {
    this.#deps = deps;
  }

  all(): readonly DriftedObject[] {
    return this.#drifted;
  }

  /** What is wanted of an object; undefined where no change set applied it, or the last deleted it. */
  appliedTo(id: string): KnownObject | undefined {
    this.#readJournal();
    return this.#applied.get(id);
  }

  /** True where a change set is about to write the object. */
  isUnderWay(id: string): boolean {
    this.#readJournal();
    return this.#applied.underWay().has(id);
  }

  /** Notes that a change set went on. */
  noteChangeSet(id: string): void {
    this.#stale.add(id);
    this.changed();
  }

  /** Notes that a cluster or a change set changed. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      try {
        this.look();
      } catch (error) {
        this.#deps.onError(error);
      }
    }, this.#deps.gatherMs ?? 100);
  }

  /** Looks at once. */
  look(): void {
    this.#readJournal();
    const { snapshot, hasRead, nowMs, onDrift } = this.#deps;
    const applied = this.#applied.all();
    const now = nowMs();
    const drifted = findDrift({
      applied,
      snapshot: snapshot(),
      hasRead,
      underWay: this.#applied.underWay(),
      nowMs: now,
      judge: this.#judge,
    });
    this.#lookAgainOnceSettled(applied, now);
    if (sameJson(drifted, this.#drifted)) return;
    this.#drifted = drifted;
    onDrift(drifted);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
  }

  #readJournal(): void {
    const { appliedSteps } = this.#deps;
    if (!this.#isRead) {
      this.#applied.take(appliedSteps.read());
      this.#isRead = true;
      this.#stale.clear();
    }
    for (const id of this.#stale) {
      this.#applied.take(appliedSteps.read(id), id);
      this.#stale.delete(id);
    }
  }

  /** What was applied a moment ago may not have been seen: it is judged a little later. */
  #lookAgainOnceSettled(applied: readonly KnownObject[], nowMs: number): void {
    const last = Math.max(0, ...applied.map(({ appliedAtMs }) => appliedAtMs));
    clearTimeout(this.#settling);
    if (last + SETTLE_MS <= nowMs) return;
    this.#settling = setTimeout(() => this.changed(), last + SETTLE_MS - nowMs);
  }
}
