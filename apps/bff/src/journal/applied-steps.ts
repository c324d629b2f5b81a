import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { FieldChoice, StepState } from '../api/change-set.ts';

/** A step that was applied, or that is about to be. */
export interface JournaledStep {
  readonly changeSet: string;
  readonly title: string;
  readonly person: string;
  readonly state: Extract<StepState, 'applied' | 'applying' | 'queued' | 'waiting'>;
  readonly atMs: number;
  readonly createdOrder: number;
  readonly step: PlanStep;
  readonly choices: readonly FieldChoice[];
}

/** Reads of the journal what change sets made of which objects. Writes nothing. */
export class AppliedSteps {
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(
      `SELECT id, title, person, created_order, take_over, steps.state AS step_state, updated_at_ms,
         json_extract(planned, '$.plan.steps[' || ordinal || ']') AS step
       FROM change_sets JOIN steps ON change_set = id
       WHERE id = coalesce(?, id) AND (steps.state = 'applied'
         OR (steps.state IN ('applying', 'queued', 'waiting') AND change_sets.state IN ('applying', 'partial')))
       ORDER BY updated_at_ms, created_order, ordinal`,
    );
  }

  /** Steps of one change set, or of all; what was done later comes later. */
  *read(changeSet?: string): Generator<JournaledStep> {
    for (const row of this.#all.iterate(changeSet ?? null)) {
      yield {
        changeSet: String(row['id']),
        title: String(row['title']),
        person: String(row['person']),
        state: String(row['step_state']) as JournaledStep['state'],
        atMs: Number(row['updated_at_ms']),
        createdOrder: Number(row['created_order']),
        step: JSON.parse(String(row['step'])) as PlanStep,
        choices: JSON.parse(String(row['take_over'])) as FieldChoice[],
      };
    }
  }
}
