import type { DriftedField, DriftedObject } from '@flatland/shared/plan/drift';

/** An object that is not what was applied, field by field, and who made it so. */
export interface DriftDetail extends DriftedObject {
  readonly fields: readonly DriftedField[];
  /** Stable YAML of what was applied, and of what is there; empty where the object is gone. */
  readonly applied: string;
  readonly live: string;
  /** Identifies what is there now: `adopt` takes nothing else. Empty where the object is gone. */
  readonly seen: string;
  /** False where the cluster did not answer, so that this is how the object was last seen. */
  readonly current: boolean;
  /** The change set that applied it last. */
  readonly appliedBy: { readonly title: string; readonly person: string };
}
