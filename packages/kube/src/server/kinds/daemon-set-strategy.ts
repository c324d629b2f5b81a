import type { KubeObject } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';
import { equalJson, type JsonValue } from '../schema/json.ts';
import { podTemplateWarnings } from './pod-template-warnings.ts';
import type { Strategy } from './resource-definition.ts';

/** Where v1 keeps the count of a template's changes, which was a field before. */
const GENERATION = 'deprecated.daemonset.template.generation';

/** DaemonSets: the server counts changes of the template; whoever leaves the count out writes 0, and owns that. */
export const daemonSetStrategy: Strategy = {
  applyDefaults: (set) => setGeneration(set, generationOf(set)),
  prepareForCreate: (set) => setGeneration(set, Math.max(1, generationOf(set))),
  prepareForUpdate: (set, old) => {
    const changes = equalJson(templateOf(set), templateOf(old)) ? 0 : 1;
    setGeneration(set, generationOf(old) + changes);
  },
  prepareForStatusUpdate: (set, old) => setGeneration(set, generationOf(old)),
  warnings: (set, old) =>
    old && equalJson(templateOf(set), templateOf(old)) ? [] : podTemplateWarnings(set, undefined),
};

function generationOf({ metadata }: KubeObject): number {
  const count = Number(metadata.annotations?.[GENERATION] ?? 0);
  return Number.isSafeInteger(count) ? count : 0;
}

function setGeneration({ metadata }: KubeObject, count: number): void {
  metadata.annotations = { ...metadata.annotations, [GENERATION]: String(count) };
}

function templateOf(set: KubeObject): JsonValue {
  return (readPath(set, ['spec', 'template']) ?? null) as JsonValue;
}
