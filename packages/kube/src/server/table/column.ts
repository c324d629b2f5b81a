import type { KubeObject } from '../model/kube-object.ts';

/** One column of `kubectl get` (`metav1.TableColumnDefinition`) and how its cells are made. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubeObject, nowMs: number) => Cell;
}

export type Cell = string | number | boolean | null;
