import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf } from '@flatland/kube/client/object';
import { getObject } from '@flatland/kube/client/objects';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { GIT_ENGINE_TITLES, type GitEngine } from '@flatland/shared/plan/git-owner';
import { managedAfter, managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep } from '@flatland/shared/plan/plan';
import { objectName, outcomeOf, PATIENCE, type StepOutcome } from './apply-step.ts';
import { writableKind } from './writable-kinds.ts';

/** A step whose object Argo CD or Flux keeps as Git says. */
export type GitStep = PlanStep & { readonly git: GitEngine };

export function isGitStep(step: PlanStep): step is GitStep {
  return step.git !== undefined;
}

/** Looks whether Git has brought what a step wants; writes nothing. Where it has not, the step waits. */
export async function awaitGit(client: KubeClient, step: GitStep): Promise<StepOutcome> {
  const { kind } = step.object;
  const type = writableKind(kind);
  if (type === undefined) throw new Error(`${kind} is no kind that is planned`);
  const live = await getObject<KubernetesObject>(client, type, { ...refOf(step.object), ...PATIENCE });
  if (!live.ok && live.error.kind !== 'notFound') return outcomeOf(live.error);
  if (isAsWanted(step, live.ok ? live.value : undefined)) return { kind: 'applied' };
  const detail = `${objectName(step)} is kept by ${GIT_ENGINE_TITLES[step.git]}`;
  return { kind: 'away', refusal: { code: 'git-owned', detail } };
}

/** True where the live object is what a step makes of it: sending the step would change nothing. */
export function isAsWanted(step: PlanStep, live: KubernetesObject | undefined): boolean {
  if (step.manifest === undefined) return live === undefined;
  if (live === undefined) return false;
  return stableYaml(managedFields(live)) === stableYaml(managedAfter(live, step.manifest));
}
