import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { ExportedFile } from '../api/change-set.ts';

/**
 * Steps of a plan as files for Git, a folder for each cluster: one file for each object that is written, with the bytes that
 * apply would send, and `deletions.yaml` for `kubectl delete -f`. Sorted by path.
 */
export function exportFiles(steps: readonly PlanStep[]): ExportedFile[] {
  const written = steps.flatMap((step) =>
    step.manifest === undefined ? [] : [{ path: pathOf(step), text: stableYaml(step.manifest) }],
  );
  const byCluster = Map.groupBy(
    steps.filter((step) => step.action === 'delete'),
    (step) => step.cluster,
  );
  const deletions = [...byCluster].map(([cluster, deleted]) => ({
    path: `${plain(cluster)}/deletions.yaml`,
    text: deleted.map((step) => stableYaml(identityOf(step))).join('---\n'),
  }));
  return [...written, ...deletions].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function pathOf({ cluster, object }: PlanStep): string {
  const parts = [object.kind.toLowerCase(), object.namespace, object.name].filter(
    (part) => part !== undefined,
  );
  return `${plain(cluster)}/${plain(parts.join('-'))}.yaml`;
}

/** A name that is a file's name everywhere: no separators, no leading dot. */
function plain(name: string): string {
  return name.replaceAll(/[^a-z0-9.-]/g, '_').replace(/^\.+/, '_');
}

function identityOf({ object }: PlanStep) {
  const { apiVersion, kind, name, namespace } = object;
  return { apiVersion, kind, metadata: { name, namespace } };
}
