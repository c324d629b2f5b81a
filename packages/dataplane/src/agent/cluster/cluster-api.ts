import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { Finding } from '../compile/node-program.ts';

/** What came of a write. `refused` is final for this object; `unavailable` is worth another try. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** Creation: another node's object of this name is there already. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string };

/** Kinds that an agent writes. */
export type OwnKind = 'AddressBlock' | 'MemberSlice' | 'NodePeer';

/** The API of the node's own cluster, as the agent sees it: objects kept in step, and its own written. */
export interface ClusterApi {
  /** Begins to keep objects in step. `onChange` is called after something changed. */
  start(onChange: () => void): Promise<void>;
  /** Resolves once there are objects to work with: all kinds listed, or those of the last run. */
  readonly whenReady: Promise<void>;
  /** Everything known; the same array until something changes. */
  objects(): readonly KubernetesObject[];
  /** What is held back, and why. */
  held(): readonly Finding[];
  /** Creates an object; what is created is among `objects` at once. */
  create(object: KubernetesObject): Promise<WriteOutcome>;
  /** Server-side apply as `flatland-agent`; what is applied is among `objects` at once. */
  apply(object: KubernetesObject): Promise<WriteOutcome>;
  /** Deletes an object of the agent's own. */
  remove(kind: OwnKind, name: string): Promise<WriteOutcome>;
  stop(): Promise<void>;
}

/** Field manager of everything that agents write. */
export const AGENT_FIELD_MANAGER = 'flatland-agent';
