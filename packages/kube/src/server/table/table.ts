import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** `metav1.TableRow` */
export interface TableRow {
  readonly cells: unknown[];
  readonly object?: object;
}

/** The head of a resource's table. */
export function columnDefinitions({ columns }: ResourceDefinition): object[] {
  return columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** One object's row. `include` is the query's `includeObject`: '' means Metadata. */
export function tableRow(
  { columns }: ResourceDefinition,
  object: KubeObject,
  { include, apiVersion, nowMs }: { include: string; apiVersion: string; nowMs: number },
): TableRow {
  const cells = columns.map(({ cell }) => cell(object, nowMs));
  if (include === 'None') return { cells };
  if (include === 'Object') return { cells, object };
  return { cells, object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata } };
}
