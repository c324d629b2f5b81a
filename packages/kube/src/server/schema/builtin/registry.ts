import { deployment } from './apps-v1/deployment.ts';
import type { BuiltinKind } from './builtin-kind.ts';
import { configMap } from './core-v1/config-map.ts';
import { namespace } from './core-v1/namespace.ts';
import { pod } from './core-v1/pod.ts';

/** Every built-in kind, sorted by group, version and plural. */
export const builtinKinds: readonly BuiltinKind[] = [configMap, deployment, namespace, pod].toSorted(
  (left, right) =>
    compare(left.group, right.group) ||
    compare(left.version, right.version) ||
    compare(left.plural, right.plural),
);

const byKind = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
const byPlural = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

/** Looks a kind up: `findBuiltinKind('apps', 'v1', 'Deployment')`. */
export function findBuiltinKind(group: string, version: string, kind: string): BuiltinKind | undefined {
  return byKind.get(`${group}/${version}/${kind}`);
}

/** Looks a kind up by its resource: `findBuiltinResource('apps', 'v1', 'deployments')`. */
export function findBuiltinResource(group: string, version: string, plural: string): BuiltinKind | undefined {
  return byPlural.get(`${group}/${version}/${plural}`);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
