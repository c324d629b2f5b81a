import type { ChangeSet } from '@flatland/bff/api/change-set';
import { REASONS, whyRefused } from '@flatland/shared/reason/reasons';

/** Why a draft cannot be applied now, in words; undefined where it can. */
export function applyBlocked(
  changeSet: ChangeSet,
  acknowledged: ReadonlySet<string>,
  settled: ReadonlySet<string>,
): string | undefined {
  const { plan, dryRun } = changeSet.planned;
  const [refusal] = plan.refusals;
  if (refusal) return whyRefused(refusal);
  if (plan.steps.length === 0) return 'Nothing is to be changed';
  const unread = plan.warnings.find((warning) => !acknowledged.has(warning.code));
  if (unread) return `Read and acknowledge: ${REASONS[unread.code].title}`;
  for (const result of dryRun) {
    if (result.outcome === 'ok') continue;
    // An unreachable cluster is no reason to hold up the others: its part waits.
    if (result.refusal.code === 'cluster-unreachable') continue;
    // The person chose for every field that others own.
    if (settled.has(result.stepId)) continue;
    const step = plan.steps.find((candidate) => candidate.id === result.stepId);
    return `${step?.cluster ?? 'A cluster'}: ${result.refusal.detail || REASONS[result.refusal.code].text}`;
  }
  return undefined;
}
