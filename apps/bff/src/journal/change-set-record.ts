import type { IpAddress } from '@flatland/shared/address/ip';
import type { Intent } from '@flatland/shared/intent/intent';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type {
  ChangeSetState,
  ChangeSetSummary,
  ClusterProgress,
} from '@flatland/shared/report/console-event';
import type {
  ChangeSet,
  FieldChoice,
  FieldConflict,
  PlannedChange,
  Proof,
  StepState,
} from '../api/change-set.ts';

/** State of one step of the plan; `ordinal` is its place in `planned.plan.steps`. */
export interface StepRow {
  readonly ordinal: number;
  readonly cluster: string;
  readonly state: StepState;
  readonly attempts: number;
  readonly updatedAtMs: number;
  readonly refusal?: Refusal;
  readonly conflicts: readonly FieldConflict[];
}

/** A proof with where its packet is sent when the topology no longer says so: the target's last addresses. */
export interface ProofRow extends Proof {
  readonly lastAddresses: readonly IpAddress[];
}

/** What a row of Activity is made from. */
export interface ChangeSetHead {
  readonly id: string;
  readonly title: string;
  readonly state: ChangeSetState;
  readonly person: string;
  readonly createdAtMs: number;
  readonly createdOrder: number;
  readonly revertOf?: string;
  readonly revertedBy?: string;
  readonly steps: readonly StepRow[];
  readonly programmed: readonly string[];
  readonly proofs: readonly ProofRow[];
}

/** A change set as the journal keeps it. */
export interface ChangeSetRecord extends ChangeSetHead {
  readonly intents: readonly Intent[];
  readonly planned: PlannedChange;
  readonly choices: readonly FieldChoice[];
  readonly nPairsNotProbed: number;
}

/** The record as clients get it. */
export function toChangeSet(record: ChangeSetRecord): ChangeSet {
  return {
    summary: toSummary(record),
    intents: record.intents,
    planned: record.planned,
    steps: record.steps.map((row) => {
      const step = record.planned.plan.steps[row.ordinal]!;
      return {
        stepId: step.id,
        action: step.action,
        object: step.object,
        state: row.state,
        attempts: row.attempts,
        updatedAtMs: row.updatedAtMs,
        ...(row.refusal === undefined ? {} : { refusal: row.refusal }),
        conflicts: row.conflicts,
      };
    }),
    proofs: record.proofs.map(({ pair, expected, state, probe }) => ({
      pair,
      expected,
      state,
      ...(probe === undefined ? {} : { probe }),
    })),
    nPairsNotProbed: record.nPairsNotProbed,
  };
}

/** The record as a row of Activity. */
export function toSummary(head: ChangeSetHead): ChangeSetSummary {
  const { id, title, state, person, createdAtMs, revertOf, revertedBy } = head;
  return {
    id,
    title,
    state,
    person,
    createdAtMs,
    ...(revertOf === undefined ? {} : { revertOf }),
    ...(revertedBy === undefined ? {} : { revertedBy }),
    clusters: clusterRows(head),
  };
}

function clusterRows(head: ChangeSetHead): ClusterProgress[] {
  const clusters = [...new Set(head.steps.map((step) => step.cluster))].sort();
  return clusters.map((cluster) => {
    const steps = head.steps.filter((step) => step.cluster === cluster);
    const told = steps.find((step) => step.refusal !== undefined && step.state !== 'applied');
    return {
      cluster,
      state: clusterState(head, cluster, steps),
      stepsDone: steps.filter((step) => step.state === 'applied').length,
      nSteps: steps.length,
      ...messageOf(told, steps),
    };
  });
}

function messageOf(told: StepRow | undefined, steps: readonly StepRow[]): { message?: string } {
  if (told?.refusal !== undefined) return { message: told.refusal.detail };
  return steps.some((step) => step.state === 'left') ? { message: 'left undone' } : {};
}

function clusterState(
  head: ChangeSetHead,
  cluster: string,
  steps: readonly StepRow[],
): ClusterProgress['state'] {
  const has = (state: StepState) => steps.some((step) => step.state === state);
  if (has('failed') || has('left')) return 'failed';
  if (has('applying')) return 'applying';
  if (has('waiting')) return 'waiting';
  if (has('queued')) return has('applied') ? 'applying' : 'queued';
  const proofs = head.proofs.filter(
    ({ pair }) => pair.from.startsWith(`${cluster}/`) || pair.to.startsWith(`${cluster}/`),
  );
  if (proofs.some((proof) => proof.state === 'failed')) return 'failed';
  if (head.state === 'proved') return 'proved';
  if (proofs.length > 0 && proofs.every((proof) => proof.state === 'proved')) return 'proved';
  return head.programmed.includes(cluster) ? 'programmed' : 'applied';
}
