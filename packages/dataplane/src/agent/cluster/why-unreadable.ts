import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { READERS } from '@flatland/shared/topology/facts/cluster-facts';

/** Kinds that a node's members hang on. */
const KINDS = ['Domain', 'Membership', 'NodePeer', 'RemoteSlice'] as const;

/** The field at fault and what is wrong with it, where the agent cannot read an object that its members hang on. */
export function whyUnreadable(object: KubernetesObject): string | undefined {
  const kind = KINDS.find((name) => name === object.kind);
  if (kind === undefined) return undefined;
  const result = READERS[kind](object);
  return result.ok ? undefined : `${result.error.field || 'the object'}: ${result.error.message}`;
}
