import type { AppliedObject } from '@flatland/shared/plan/drift';
import type { JournaledStep } from '../journal/applied-steps.ts';

/** What was applied last to an object, and by whom. */
export interface KnownObject extends AppliedObject {
  readonly title: string;
  readonly person: string;
}

interface Last {
  readonly atMs: number;
  readonly createdOrder: number;
  /** Undefined where the last step deleted the object: nobody wants anything of it any more. */
  readonly applied: KnownObject | undefined;
}

/** What is wanted of each object, as the journal's steps say: made from them, and no place of its own. */
export class AppliedObjects {
  readonly #last = new Map<string, Last>();
  /** Objects that steps of a change set are about to write, by change set. */
  readonly #underWay = new Map<string, ReadonlySet<string>>();

  /** Takes in all steps of one change set, or of all of them. */
  take(steps: Iterable<JournaledStep>, changeSet?: string): void {
    const underWay = new Map<string, Set<string>>();
    if (changeSet !== undefined) this.#underWay.delete(changeSet);
    for (const entry of steps) {
      const { id, token } = entry.step;
      if (token !== undefined) continue;
      if (entry.state === 'applied') this.#put(entry);
      else underWay.set(entry.changeSet, (underWay.get(entry.changeSet) ?? new Set()).add(id));
    }
    for (const [of, ids] of underWay) this.#underWay.set(of, ids);
  }

  get(id: string): KnownObject | undefined {
    return this.#last.get(id)?.applied;
  }

  all(): KnownObject[] {
    return [...this.#last.values()].flatMap(({ applied }) => applied ?? []);
  }

  underWay(): ReadonlySet<string> {
    return new Set([...this.#underWay.values()].flatMap((ids) => [...ids]));
  }

  #put({ step, changeSet, title, person, atMs, createdOrder, choices }: JournaledStep): void {
    const before = this.#last.get(step.id);
    const isOlder =
      before !== undefined &&
      (before.atMs > atMs || (before.atMs === atMs && before.createdOrder > createdOrder));
    if (isOlder) return;
    const left = choices.filter(({ stepId, choice }) => stepId === step.id && choice === 'leave');
    const applied = step.manifest && {
      id: step.id,
      object: step.object,
      manifest: step.manifest,
      leftToOthers: left.map(({ field }) => field),
      changeSet,
      appliedAtMs: atMs,
      title,
      person,
    };
    this.#last.set(step.id, { atMs, createdOrder, applied });
  }
}
