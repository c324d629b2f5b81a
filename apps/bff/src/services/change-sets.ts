import type { Intent } from '@flatland/shared/intent/intent';
import { invertSteps } from '@flatland/shared/plan/invert-plan';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { ChangeSetSummary } from '@flatland/shared/report/console-event';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import type { ChangeSet, FieldChoice, PlannedChange } from '../api/change-set.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import type { ApplyRequest, Console, Page, PageRequest, Principal } from '../api/console.ts';
import { isGitStep } from '../executor/await-git.ts';
import type { Executor } from '../executor/executor.ts';
import { toChangeSet, toSummary, type ChangeSetRecord } from '../journal/change-set-record.ts';
import type { NewChangeSet } from '../journal/change-set-store.ts';
import type { Journal } from '../journal/journal.ts';
import { comparePlans } from '../planning/compare-plans.ts';
import { planAndDryRun, planLive, type PlannerDeps } from '../planning/planner.ts';
import { expectedProofs } from '../prove/expected-proofs.ts';
import { objectConflicts } from './object-conflicts.ts';
import { exportFiles } from './export-files.ts';

export interface ChangeSetsDeps {
  readonly journal: Journal;
  readonly planner: PlannerDeps;
  readonly executor: Executor;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly onProgress: (summary: ChangeSetSummary) => void;
  /** Called after what is live already was kept as a change set. */
  readonly onAdopted: (id: string) => void;
}

interface Draft {
  readonly title: string;
  readonly intents: readonly Intent[];
  readonly idempotencyKey: string;
  readonly revertOf?: string;
}

interface Adopted {
  readonly planned: PlannedChange;
}

/** Staged edits: planned, applied as reviewed, tried again, reverted, left. */
export class ChangeSets implements ChangeSetsOfConsole {
  readonly #deps: ChangeSetsDeps;

  constructor(deps: ChangeSetsDeps) {
    this.#deps = deps;
  }

  plan(intents: readonly Intent[]) {
    return planAndDryRun(intents, this.#deps.planner);
  }

  async create(principal: Principal, draft: Draft): Promise<ChangeSet> {
    const { journal, newId } = this.#deps;
    const known = journal.changeSets.findByKey(principal.person, draft.idempotencyKey);
    if (known !== undefined) return toChangeSet(known);
    const planned = await planAndDryRun(draft.intents, this.#deps.planner);
    const id = newId();
    journal.atomically(() => {
      // the same call may have come twice while the clusters were asked
      if (journal.changeSets.findByKey(principal.person, draft.idempotencyKey) !== undefined) return;
      this.#insert(principal, { ...draft, id, planned });
    });
    const kept = journal.changeSets.findByKey(principal.person, draft.idempotencyKey);
    return this.#told(kept?.id ?? id);
  }

  /**
   * The one open draft of a source, made where there is none: pressed twice, in two tabs or by two people, it is the same.
   * Where the source has come to mean something else since, the draft follows.
   */
  async createOnce(
    principal: Principal,
    draft: Omit<Draft, 'idempotencyKey'> & { readonly source: string },
  ): Promise<ChangeSet> {
    const { journal, newId } = this.#deps;
    const planned = await planAndDryRun(draft.intents, this.#deps.planner);
    const id = newId();
    const open = journal.atomically(() => {
      const known = journal.changeSets.findOpen(draft.source);
      if (known === undefined) {
        this.#insert(principal, { ...draft, id, planned, idempotencyKey: newId() });
      } else if (known.planned.planHash !== planned.planHash) {
        journal.changeSets.replan(known.id, draft.title, { intents: draft.intents, planned });
        this.#audit(principal, 'update', { id: known.id });
      }
      return known;
    });
    return this.#told(open?.id ?? id);
  }

  /** Keeps what is live already as a change set that was applied. Nothing is written but the journal. */
  adopt(principal: Principal, adopted: Omit<Draft, 'idempotencyKey' | 'revertOf'> & Adopted): ChangeSet {
    const { journal, nowMs, newId } = this.#deps;
    const id = newId();
    const { title, planned } = adopted;
    journal.atomically(() => {
      const about = { id, person: principal.person, createdAtMs: nowMs(), idempotencyKey: newId() };
      journal.changeSets.insert({ ...adopted, ...about });
      for (const row of this.#record(id).steps)
        journal.changeSets.setStep(id, { ...row, state: 'applied', updatedAtMs: nowMs() });
      journal.changeSets.setState(id, 'applied');
      for (const { object } of planned.plan.steps)
        this.#audit(principal, 'adopt', { id, detail: title, object });
    });
    this.#deps.onAdopted(id);
    return this.#told(id);
  }

  get(id: string): ChangeSet {
    return toChangeSet(this.#record(id));
  }

  list(page: PageRequest): Page<ChangeSetSummary> {
    const { items, nextCursor } = this.#deps.journal.changeSets.list(page);
    return { items: items.map(toSummary), ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async update(
    principal: Principal,
    draft: { id: string; title?: string | undefined; intents: readonly Intent[] },
  ): Promise<ChangeSet> {
    const { journal } = this.#deps;
    this.#inState(draft.id, 'planned');
    const planned = await planAndDryRun(draft.intents, this.#deps.planner);
    const record = this.#inState(draft.id, 'planned');
    journal.atomically(() => {
      journal.changeSets.replan(draft.id, draft.title ?? record.title, { intents: draft.intents, planned });
      this.#audit(principal, 'update', { id: draft.id });
    });
    return this.#told(draft.id);
  }

  async apply(principal: Principal, request: ApplyRequest): Promise<ChangeSet> {
    try {
      return await this.#apply(principal, request);
    } catch (error) {
      if (error instanceof ConsoleFailure && error.code !== 'storage-full') {
        this.#audit(principal, 'apply', {
          id: request.id,
          detail: `${error.code}: ${error.message}`,
          result: 'refused',
        });
      }
      throw error;
    }
  }

  async #apply(principal: Principal, request: ApplyRequest): Promise<ChangeSet> {
    const { journal, planner, executor } = this.#deps;
    const record = this.#inState(request.id, 'planned');
    const { plan, planHash } = record.planned;
    if (planHash !== request.expectedPlanHash) {
      throw new ConsoleFailure('plan-changed', 'The change set was planned again since this was reviewed');
    }
    refuseUnfit(plan, request.acknowledged);
    const live = planLive(record.intents, planner);
    const difference = comparePlans(plan, live.plan);
    if (live.plan.refusals.length > 0 || difference.kind === 'plan-changed') {
      await this.update(principal, { id: record.id, intents: record.intents });
      refuseUnfit(live.plan, request.acknowledged);
      throw new ConsoleFailure(
        'plan-changed',
        'The clusters changed since this was reviewed; it was planned again',
      );
    }
    const { proofs, nNotProbed } = expectedProofs(plan, live.world);
    journal.atomically(() => {
      journal.changeSets.setChoices(record.id, request.choices);
      journal.changeSets.setProofs(record.id, proofs, nNotProbed);
      journal.changeSets.setState(record.id, 'applying');
      const detail = [plan.sentence, choicesText(request.choices)].filter((text) => text !== '').join('. ');
      this.#audit(principal, 'apply', { id: record.id, detail });
      if (difference.kind === 'objects-changed') this.#stop(record, difference.steps);
    });
    if (difference.kind === 'same') executor.run(record.id);
    return this.#told(record.id);
  }

  /** Stops an apply before anything is written, and marks the objects that changed since they were reviewed. */
  #stop(record: ChangeSetRecord, changed: readonly PlanStep[]): void {
    const { journal, nowMs } = this.#deps;
    for (const { id } of changed) {
      const row = record.steps[record.planned.plan.steps.findIndex((step) => step.id === id)]!;
      const { cluster, kind, name } = record.planned.plan.steps[row.ordinal]!.object;
      const detail = `${kind} ${name} in ${cluster} is not as it was reviewed`;
      const refusal = { code: 'changed-meanwhile' as const, detail };
      journal.changeSets.setStep(record.id, { ...row, state: 'failed', refusal, updatedAtMs: nowMs() });
    }
    journal.changeSets.setState(record.id, 'partial');
  }

  conflicts(id: string) {
    return objectConflicts(this.#record(id), this.#deps.planner.client);
  }

  async resolve(
    principal: Principal,
    { id, choices }: { readonly id: string; readonly choices: readonly FieldChoice[] },
  ): Promise<ChangeSet> {
    const { journal, executor } = this.#deps;
    this.#inState(id, 'partial');
    const conflicts = new Map((await this.conflicts(id)).map((conflict) => [conflict.stepId, conflict]));
    for (const { stepId, seen } of choices) {
      const conflict = conflicts.get(stepId);
      if (conflict === undefined || !conflict.choosable)
        throw new ConsoleFailure('wrong-state', `There is nothing to choose for ${stepId}`);
      if (conflict.seen !== seen)
        throw new ConsoleFailure('plan-changed', `${conflict.object.name} changed again since you chose`);
    }
    const record = this.#inState(id, 'partial');
    const chosen = new Set(choices.map(({ stepId }) => stepId));
    journal.atomically(() => {
      const kept = record.choices.filter(({ stepId }) => !chosen.has(stepId));
      journal.changeSets.setChoices(id, [...kept, ...choices]);
      this.#audit(principal, 'resolve', { id, detail: choicesText(choices) });
    });
    executor.again(id, ['failed']);
    return this.#told(id);
  }

  async retry(principal: Principal, id: string): Promise<ChangeSet> {
    this.#inState(id, 'partial');
    this.#audit(principal, 'retry', { id });
    this.#deps.executor.again(id, ['failed', 'waiting']);
    return this.get(id);
  }

  async replan(principal: Principal, id: string): Promise<ChangeSet> {
    const { title, intents, state } = this.#record(id);
    if (state === 'planned') return this.update(principal, { id, intents });
    return this.create(principal, { title, intents, idempotencyKey: this.#deps.newId() });
  }

  async revert(principal: Principal, id: string): Promise<ChangeSet> {
    const record = this.#record(id);
    if (record.state === 'applying') throw new ConsoleFailure('wrong-state', 'It is being applied');
    if (record.revertedBy !== undefined) throw new ConsoleFailure('wrong-state', 'It was reverted already');
    const applied = record.steps.filter((step) => step.state === 'applied');
    if (applied.length === 0) throw new ConsoleFailure('wrong-state', 'Nothing of it was applied');
    const intents = invertSteps(applied.map(({ ordinal }) => record.planned.plan.steps[ordinal]!));
    const title = `Revert “${record.title}”`.slice(0, 200);
    return this.createOnce(principal, { title, intents, revertOf: id, source: `revert ${id}` });
  }

  discard(principal: Principal, id: string): void {
    const { journal, nowMs } = this.#deps;
    const record = this.#record(id);
    if (record.state === 'planned') {
      journal.atomically(() => {
        journal.changeSets.remove(id);
        this.#audit(principal, 'discard', { id, detail: record.title });
      });
      return;
    }
    this.#inState(id, 'partial');
    journal.atomically(() => {
      for (const step of record.steps) {
        if (step.state === 'applied' || step.state === 'left') continue;
        journal.changeSets.setStep(id, { ...step, state: 'left', updatedAtMs: nowMs() });
      }
      this.#audit(principal, 'leave', { id, detail: record.title });
    });
    this.#told(id);
  }

  exportFiles(id: string, only?: 'git') {
    const { steps } = this.#record(id).planned.plan;
    return exportFiles(only === 'git' ? steps.filter(isGitStep) : steps);
  }

  #insert(principal: Principal, draft: Omit<NewChangeSet, 'person' | 'createdAtMs'>): void {
    const { journal, nowMs } = this.#deps;
    journal.changeSets.insert({ ...draft, person: principal.person, createdAtMs: nowMs() });
    this.#audit(principal, 'create', { id: draft.id, detail: draft.title });
  }

  #record(id: string): ChangeSetRecord {
    const record = this.#deps.journal.changeSets.get(id);
    if (record === undefined) throw new ConsoleFailure('not-found', `There is no change set ${id}`);
    return record;
  }

  #inState(id: string, state: ChangeSetRecord['state']): ChangeSetRecord {
    const record = this.#record(id);
    if (record.state === state && !this.#deps.executor.isRunning(id)) return record;
    throw new ConsoleFailure('wrong-state', `The change set is ${record.state}`);
  }

  #audit(
    principal: Principal,
    action: string,
    about: { id: string; detail?: string; result?: 'done' | 'refused'; object?: ObjectRef },
  ): void {
    const { id, detail = '', result = 'done', object } = about;
    const { person } = principal;
    this.#deps.journal.audit.append({
      atMs: this.#deps.nowMs(),
      person,
      action,
      changeSet: id,
      ...(object !== undefined && { object }),
      result,
      detail,
    });
  }

  /** The change set as it is, also told to everybody who watches. */
  #told(id: string): ChangeSet {
    const changeSet = this.get(id);
    this.#deps.onProgress(changeSet.summary);
    return changeSet;
  }
}

/** What was decided of which fields, without their values. */
function choicesText(choices: readonly FieldChoice[]): string {
  const of = (wanted: FieldChoice['choice']) =>
    choices.filter(({ choice }) => choice === wanted).map(({ stepId, field }) => `${stepId} ${field}`);
  const [taken, left] = [of('take-over'), of('leave')];
  return [
    ...(taken.length > 0 ? [`Taken over: ${taken.join(', ')}`] : []),
    ...(left.length > 0 ? [`Left to others: ${left.join(', ')}`] : []),
  ].join('. ');
}

type ChangeSetsOfConsole = Console['changeSets'];

function refuseUnfit(plan: ChangeSet['planned']['plan'], acknowledged: readonly string[]): void {
  if (plan.refusals.length > 0) {
    throw new ConsoleFailure('plan-refused', plan.refusals.map(({ detail }) => detail).join('; '));
  }
  if (plan.steps.length === 0) throw new ConsoleFailure('plan-empty', 'Everything is as wanted already');
  const missing = plan.warnings.filter(({ code }) => !acknowledged.includes(code));
  if (missing.length > 0) {
    throw new ConsoleFailure('unacknowledged', missing.map(({ detail }) => detail).join('; '));
  }
}
