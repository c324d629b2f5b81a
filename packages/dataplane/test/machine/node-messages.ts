import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { OwnKind, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';

/** What a test tells the process of a node, and asks it. */
export type ToNode =
  | { readonly type: 'objects'; readonly objects: readonly KubernetesObject[] }
  | { readonly type: 'written'; readonly id: number; readonly outcome: WriteOutcome }
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: string;
      readonly args: readonly unknown[];
    };

/** What the process of a node tells the test. */
export type FromNode =
  | { readonly type: 'started' }
  | { readonly type: 'write'; readonly id: number; readonly write: NodeWrite }
  | { readonly type: 'result'; readonly id: number; readonly value?: unknown; readonly error?: string };

export type NodeWrite =
  | { readonly verb: 'create' | 'apply'; readonly object: KubernetesObject }
  | { readonly verb: 'remove'; readonly kind: OwnKind; readonly name: string };
