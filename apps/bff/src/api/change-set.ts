import type { Intent } from '@flatland/shared/intent/intent';
import type { Plan, StepAction } from '@flatland/shared/plan/plan';
import type { ContestedField } from '@flatland/shared/plan/three-way';
import type { Pair } from '@flatland/shared/reachability/verdict';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { ChangeSetSummary, PairProbe } from '@flatland/shared/report/console-event';
import type { FieldConflict } from '@flatland/kube/client/refusal-of';
import type { ObjectRef } from '@flatland/shared/topology/topology';

export type { FieldConflict };

/** What a server-side dry-run of one step came to. */
export type StepDryRun =
  | { readonly stepId: string; readonly outcome: 'ok' }
  | {
      readonly stepId: string;
      readonly outcome: 'refused';
      readonly refusal: Refusal;
      readonly conflicts: readonly FieldConflict[];
    };

/** A plan with what identifies it and what each cluster says of it. `planHash` is what `apply` expects. */
export interface PlannedChange {
  readonly plan: Plan;
  readonly planHash: string;
  readonly plannedAtMs: number;
  readonly dryRun: readonly StepDryRun[];
}

/** What a person decided of a field that somebody else put as it is. */
export interface FieldChoice {
  readonly stepId: string;
  /** As the API names it: `.spec.mtuBytes`. */
  readonly field: string;
  /** `take-over` forces this field; `leave` sends the change without it. */
  readonly choice: 'take-over' | 'leave';
  /** `seen` of the conflict that the person looked at: the choice holds for nothing else. */
  readonly seen: string;
}

/** An object that somebody else changed since it was reviewed, or owns a field of. */
export interface ObjectConflict {
  readonly stepId: string;
  readonly object: ObjectRef;
  /** Identifies what is live now; empty where there is no such object any more. */
  readonly seen: string;
  readonly fields: readonly ContestedField[];
  /** False where only planning again helps: the object is gone, another one, or to be deleted. */
  readonly choosable: boolean;
}

/**
 *   queued -> applying -> applied
 *     ^          |-> waiting   the cluster is away; goes on by itself when it is back
 *     |          '-> failed    with a refusal; `retry` queues it again
 *     '----------------'
 *   any but applied -> left    the person leaves it undone
 */
export type StepState = 'queued' | 'applying' | 'waiting' | 'applied' | 'failed' | 'left';

/** One object of an apply. */
export interface StepProgress {
  readonly stepId: string;
  readonly action: StepAction;
  readonly object: ObjectRef;
  readonly state: StepState;
  readonly attempts: number;
  readonly updatedAtMs: number;
  readonly refusal?: Refusal;
  readonly conflicts: readonly FieldConflict[];
}

/** One pair of the effect and whether packets agree with it. */
export interface Proof {
  readonly pair: Pair;
  /** True where the plan says that packets pass. */
  readonly expected: boolean;
  /** `impossible`: no instance, agent or address to send a packet from or to. */
  readonly state: 'pending' | 'proved' | 'failed' | 'impossible';
  readonly probe?: PairProbe;
}

/** A change set whole. */
export interface ChangeSet {
  readonly summary: ChangeSetSummary;
  readonly intents: readonly Intent[];
  readonly planned: PlannedChange;
  readonly steps: readonly StepProgress[];
  readonly proofs: readonly Proof[];
  /** Pairs of the effect beyond those that are probed. */
  readonly nPairsNotProbed: number;
}

/** A change set as files: a folder for each cluster, `aws-east/membership-shop-frontend.yaml`. */
export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}
