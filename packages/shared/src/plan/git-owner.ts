import type { KubernetesObject } from '../model/kubernetes-object.ts';

/** A program that keeps objects of a cluster as Git says. */
export type GitEngine = 'argo-cd' | 'flux';

/** What an engine is called. */
export const GIT_ENGINE_TITLES: Readonly<Record<GitEngine, string>> = { 'argo-cd': 'Argo CD', flux: 'Flux' };

/**
 * Names under which the engines write. Argo CD: `argocd-controller` by server-side apply (docs, "Sync Options"),
 * `argocd-application-controller` by its own patches; Flux: the names of its controllers.
 */
const MANAGERS: Readonly<Record<string, GitEngine>> = {
  'argocd-controller': 'argo-cd',
  'argocd-application-controller': 'argo-cd',
  'kustomize-controller': 'flux',
  'helm-controller': 'flux',
};

/** Labels and annotations by which the engines find again what they made. */
const MARKS: Readonly<Record<string, GitEngine>> = {
  'argocd.argoproj.io/instance': 'argo-cd',
  'argocd.argoproj.io/tracking-id': 'argo-cd',
  'kustomize.toolkit.fluxcd.io/name': 'flux',
  'helm.toolkit.fluxcd.io/name': 'flux',
};

/** The engine that owns an object, by its labels, annotations and field managers; undefined where none does. */
export function gitOwner({ metadata }: KubernetesObject): GitEngine | undefined {
  const marks = [...Object.keys(metadata.labels ?? {}), ...Object.keys(metadata.annotations ?? {})];
  const managers = gitManagers(metadata['managedFields']).map(({ manager }) => manager);
  const engines = [
    ...marks.map((mark) => (Object.hasOwn(MARKS, mark) ? MARKS[mark] : undefined)),
    ...managers.map((manager) => MANAGERS[manager]),
  ];
  return engines.find((engine) => engine !== undefined);
}

/** Of an object's `managedFields` the managers that are engines, without the fields; sorted. */
export function gitManagers(managedFields: unknown): { readonly manager: string }[] {
  if (!Array.isArray(managedFields)) return [];
  const names = managedFields.flatMap((entry: unknown) => {
    const name = (entry as { readonly manager?: unknown } | null)?.manager;
    return typeof name === 'string' && Object.hasOwn(MANAGERS, name) ? [name] : [];
  });
  return [...new Set(names)].toSorted().map((manager) => ({ manager }));
}
