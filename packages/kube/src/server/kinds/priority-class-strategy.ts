import type { KubeObject } from '../model/kube-object.ts';
import { forbidden } from '../status/status.ts';
import type { Strategy, StrategyContext } from './resource-definition.ts';

const CLASSES = { group: 'scheduling.k8s.io', name: 'priorityclasses' };

/** PriorityClasses: at most one is the default (admission plugin Priority). */
export const priorityClassStrategy: Strategy = {
  prepareForCreate: refuseSecondDefault,
  prepareForUpdate: (draft, _old, context) => refuseSecondDefault(draft, context),
};

function refuseSecondDefault(draft: KubeObject, context: StrategyContext): void {
  if (draft['globalDefault'] !== true) return;
  const { name } = draft.metadata;
  const other = context
    .list(CLASSES)
    .find((candidate) => candidate['globalDefault'] === true && candidate.metadata.name !== name);
  if (!other) return;
  const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
  throw forbidden(CLASSES, name, why);
}
