import type { Condition } from '@flatland/shared/model/kubernetes-object';
import type { ReasonCode } from '@flatland/shared/reason/reasons';

/** A condition as a reconciler sees it; `status` is `True` where all is well. */
export interface WantedCondition {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: ReasonCode;
  readonly message: string;
}

/** A condition that all is well. */
export function good(type: string, message = ''): WantedCondition {
  return { type, status: 'True', reason: 'ready', message };
}

/** A condition that something is wrong. */
export function bad(type: string, reason: ReasonCode, message: string): WantedCondition {
  return { type, status: 'False', reason, message };
}

/**
 * The conditions to write, sorted by type. Keeps those of other writers, and each time of transition while the
 * status stays.
 */
export function mergeConditions(
  live: readonly Condition[],
  wanted: readonly WantedCondition[],
  at: { readonly nowMs: number; readonly generation?: number | undefined },
): Condition[] {
  const types = new Set(wanted.map((condition) => condition.type));
  const kept = live.filter((condition) => !types.has(condition.type));
  const merged = wanted.map((condition): Condition => {
    const before = live.find((other) => other.type === condition.type);
    const since = before?.status === condition.status ? before.lastTransitionTime : timestamp(at.nowMs);
    return {
      ...condition,
      lastTransitionTime: since,
      ...(at.generation === undefined ? {} : { observedGeneration: at.generation }),
    };
  });
  return [...kept, ...merged].toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** Whether two lists of conditions say the same. */
export function sameConditions(a: readonly Condition[], b: readonly Condition[]): boolean {
  return a.length === b.length && a.every((condition, index) => isSame(condition, b[index]));
}

/** RFC 3339 with seconds, as Kubernetes writes times. */
export function timestamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function isSame(a: Condition, b: Condition | undefined): boolean {
  return (
    b !== undefined &&
    a.type === b.type &&
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastTransitionTime === b.lastTransitionTime &&
    a.observedGeneration === b.observedGeneration
  );
}
