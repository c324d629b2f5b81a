import { GIT_ENGINE_TITLES } from '@flatland/shared/plan/git-owner';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';

/** The steps that are exported rather than applied, because Argo CD or Flux keeps their objects. */
export function gitSteps({ steps }: Pick<Plan, 'steps'>): readonly PlanStep[] {
  return steps.filter(({ git }) => git !== undefined);
}

/** What the button says that carries a plan out. */
export function applyLabel(plan: Pick<Plan, 'steps'>): 'Apply' | 'Apply and export' | 'Export' {
  const nGit = gitSteps(plan).length;
  if (nGit === 0) return 'Apply';
  return nGit === plan.steps.length ? 'Export' : 'Apply and export';
}

/** Who keeps the objects of steps: `Argo CD and Flux`. */
export function enginesOf(steps: readonly PlanStep[]): string {
  const titles = steps.flatMap(({ git }) => (git === undefined ? [] : [GIT_ENGINE_TITLES[git]]));
  return [...new Set(titles)].toSorted().join(' and ');
}
