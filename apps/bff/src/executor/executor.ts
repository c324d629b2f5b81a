import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { ChangeSetState, ChangeSetSummary } from '@flatland/shared/report/console-event';
import { toSummary, type ChangeSetRecord, type StepRow } from '../journal/change-set-record.ts';
import type { Journal } from '../journal/journal.ts';
import { applyStep, type StepOrder, type StepOutcome } from './apply-step.ts';
import { awaitGit, isAsWanted, isGitStep } from './await-git.ts';
import { forgetToken, mintToken } from './token-step.ts';
import { nextSteps, type ScheduledStep } from './schedule.ts';

/** Steps of clusters that were away are tried again after this, and when the cluster answers. */
const RETRY_WAITING_MS = 5000;
/** After the journal refused a write, the change set is taken up again. */
const RETRY_STORAGE_MS = 2000;

export interface ExecutorDeps {
  readonly journal: Journal;
  readonly client: (cluster: string) => KubeClient | undefined;
  readonly isReadOnly: (cluster: string) => boolean;
  /** A step's object as it was last seen. */
  readonly lastSeen: (step: PlanStep) => KubernetesObject | undefined;
  readonly nowMs: () => number;
  readonly onProgress: (summary: ChangeSetSummary) => void;
  /** Called when every step of a change set is applied. */
  readonly onApplied: (id: string) => void;
  readonly onSettled: (outcome: StepOutcome['kind']) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Carries out change sets. The journal holds every step's state before and after it is done, so that a process
 * that is killed goes on where it was: a step found `applying` is looked at again, and is safe to repeat.
 *
 *   planned --apply--> applying --all applied--> applied --(prover)--> proved
 *                         |  ^
 *         waiting, failed v  | retry, cluster answers again
 *                       partial
 */
export class Executor {
  readonly #deps: ExecutorDeps;
  /** Change sets whose steps are being done, each by one loop. */
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  /** Takes up what a process before this one left. */
  resume(): void {
    const { changeSets } = this.#deps.journal;
    for (const id of changeSets.idsInState('applying')) {
      this.#requeue(id, 'applying');
      this.run(id);
    }
    this.wakeWaiting();
    this.#timer = setInterval(() => this.wakeWaiting(), RETRY_WAITING_MS);
  }

  /** Does the steps of a change set in state `applying` that can be done. */
  run(id: string): void {
    if (this.#stopping || this.#running.has(id)) return;
    const loop = this.#loop(id)
      .catch((error: unknown) => {
        this.#deps.onError(error);
        const again = setTimeout(() => {
          this.#requeueSafely(id);
          this.run(id);
        }, RETRY_STORAGE_MS);
        again.unref();
      })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, loop);
  }

  /**
   * Tries steps again that wait for clusters; those of one cluster where it is named. Steps that wait for Git are
   * tried once their object is seen to be as wanted, so that a wait of days leaves no trace for each look.
   */
  wakeWaiting(cluster?: string): void {
    const { changeSets } = this.#deps.journal;
    for (const id of changeSets.idsWaiting(cluster)) {
      const record = changeSets.get(id);
      if (record === undefined || this.#running.has(id) || isStopped(record.steps)) continue;
      if (!this.#mayGoOn(record)) continue;
      this.again(id, ['waiting']);
    }
  }

  #mayGoOn({ steps, planned }: ChangeSetRecord): boolean {
    return steps.some(({ state, ordinal, refusal }) => {
      if (state !== 'waiting') return false;
      const step = planned.plan.steps[ordinal]!;
      return refusal?.code !== 'git-owned' || isAsWanted(step, this.#deps.lastSeen(step));
    });
  }

  /** Queues steps in these states again and goes on. */
  again(id: string, states: readonly StepRow['state'][]): void {
    try {
      this.#requeue(id, ...states);
    } catch (error) {
      this.#deps.onError(error);
      return;
    }
    this.run(id);
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await Promise.allSettled(this.#running.values());
  }

  async #loop(id: string): Promise<void> {
    const { changeSets } = this.#deps.journal;
    const record = changeSets.get(id);
    if (record === undefined || record.state !== 'applying') return;
    const steps: StepRow[] = [...record.steps];
    const underWay = new Map<number, Promise<void>>();
    for (;;) {
      const ready = this.#stopping || isStopped(steps) ? [] : nextSteps(scheduled(record, steps));
      for (const ordinal of ready) {
        underWay.set(
          ordinal,
          this.#doStep(record, steps, ordinal).finally(() => underWay.delete(ordinal)),
        );
      }
      if (underWay.size === 0) break;
      await Promise.race(underWay.values());
    }
    if (!this.#stopping) this.#finish(id, steps);
  }

  async #doStep(record: ChangeSetRecord, steps: StepRow[], ordinal: number): Promise<void> {
    const step = record.planned.plan.steps[ordinal]!;
    const row = steps[ordinal]!;
    this.#put(record, steps, {
      ...bare(row),
      state: 'applying',
      attempts: row.attempts + 1,
      updatedAtMs: this.#deps.nowMs(),
    });
    const choices = record.choices.filter((entry) => entry.stepId === step.id);
    const outcome = await this.#attempt(record.id, { step, choices });
    this.#settle(record, steps, { ordinal, outcome });
  }

  async #attempt(
    changeSetId: string,
    { step, choices }: Pick<StepOrder, 'step' | 'choices'>,
  ): Promise<StepOutcome> {
    const { cluster } = step;
    const client = this.#deps.client(cluster);
    if (client === undefined) return refusedStep('unknown-cluster', cluster);
    if (isGitStep(step)) return awaitGit(client, step);
    if (this.#deps.isReadOnly(cluster))
      return refusedStep('read-only-cluster', `${cluster} is connected read-only`);
    const { token } = step;
    if (token === undefined) return applyStep(client, { changeSetId, step, choices, dryRun: false });
    if (step.action === 'forget') return forgetToken(client, token);
    const issuer = this.#deps.client(token.issuer);
    if (issuer === undefined) return refusedStep('unknown-cluster', token.issuer);
    if (this.#deps.isReadOnly(token.issuer))
      return refusedStep('read-only-cluster', `${token.issuer} is connected read-only`);
    return mintToken({ holder: client, issuer }, token);
  }

  #settle(
    record: ChangeSetRecord,
    steps: StepRow[],
    { ordinal, outcome }: { ordinal: number; outcome: StepOutcome },
  ): void {
    const { journal, nowMs } = this.#deps;
    this.#deps.onSettled(outcome.kind);
    const row = { ...bare(steps[ordinal]!), updatedAtMs: nowMs() };
    const after: StepRow =
      outcome.kind === 'applied'
        ? { ...row, state: 'applied' }
        : outcome.kind === 'away'
          ? { ...row, state: 'waiting', refusal: outcome.refusal }
          : { ...row, state: 'failed', refusal: outcome.refusal, conflicts: outcome.conflicts };
    journal.atomically(() => {
      this.#put(record, steps, after);
      const step = record.planned.plan.steps[ordinal]!;
      journal.audit.append({
        atMs: row.updatedAtMs,
        person: record.person,
        action: step.action,
        changeSet: record.id,
        object: step.object,
        result: outcome.kind === 'applied' ? 'done' : outcome.kind === 'away' ? 'failed' : 'refused',
        detail: outcome.kind === 'applied' ? '' : `${outcome.refusal.code}: ${outcome.refusal.detail}`,
      });
    });
  }

  #put(record: ChangeSetRecord, steps: StepRow[], row: StepRow): void {
    this.#deps.journal.changeSets.setStep(record.id, row);
    steps[row.ordinal] = row;
    this.#deps.onProgress(toSummary({ ...record, steps }));
  }

  #finish(id: string, steps: readonly StepRow[]): void {
    const state: ChangeSetState = steps.every((step) => step.state === 'applied') ? 'applied' : 'partial';
    this.#setState(id, state);
    if (state === 'applied') this.#deps.onApplied(id);
  }

  #setState(id: string, state: ChangeSetState): void {
    const { changeSets } = this.#deps.journal;
    changeSets.setState(id, state);
    const record = changeSets.get(id);
    if (record !== undefined) this.#deps.onProgress(toSummary(record));
  }

  #requeue(id: string, ...states: readonly StepRow['state'][]): void {
    const { journal, nowMs } = this.#deps;
    journal.atomically(() => {
      for (const row of journal.changeSets.get(id)?.steps ?? []) {
        if (!states.includes(row.state)) continue;
        journal.changeSets.setStep(id, { ...bare(row), state: 'queued', updatedAtMs: nowMs() });
      }
      journal.changeSets.setState(id, 'applying');
    });
  }

  #requeueSafely(id: string): void {
    try {
      this.#requeue(id, 'applying');
    } catch (error) {
      this.#deps.onError(error);
    }
  }
}

function refusedStep(code: 'unknown-cluster' | 'read-only-cluster', detail: string): StepOutcome {
  return { kind: 'failed', refusal: { code, detail }, conflicts: [] };
}

/** An object that changed meanwhile makes the rest of the plan doubtful: nothing more begins. */
function isStopped(steps: readonly StepRow[]): boolean {
  return steps.some((step) => step.state === 'failed' && step.refusal?.code === 'changed-meanwhile');
}

function scheduled(record: ChangeSetRecord, steps: readonly StepRow[]): ScheduledStep[] {
  return steps.map(({ ordinal, cluster, state }) => ({
    cluster,
    state,
    action: record.planned.plan.steps[ordinal]!.action,
  }));
}

/** The row without what its last try came to. */
function bare({ ordinal, cluster, state, attempts, updatedAtMs }: StepRow): StepRow {
  return { ordinal, cluster, state, attempts, updatedAtMs, conflicts: [] };
}
