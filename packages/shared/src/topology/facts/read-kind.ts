import type { z } from 'zod';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { ClusterName } from '../../model/names.ts';
import { err, ok, type Result } from '../../result.ts';
import type { BrokenObject } from '../topology.ts';
import { memoized } from './memoized.ts';

/** Reads objects of one of Flatland's kinds; those that do not have its form are told apart, with the field at fault. */
export function kindReader<Schema extends z.ZodType>(schema: Schema) {
  const read = memoized(
    (object: KubernetesObject): Result<z.output<Schema>, { field: string; message: string }> => {
      const parsed = schema.safeParse(object);
      if (parsed.success) return ok(parsed.data);
      const issue = parsed.error.issues[0];
      return err({ field: issue?.path.join('.') ?? '', message: issue?.message ?? 'unreadable' });
    },
  );
  return (
    objects: readonly KubernetesObject[],
    cluster: ClusterName,
    broken: BrokenObject[],
  ): z.output<Schema>[] =>
    objects.flatMap((object) => {
      const result = read(object);
      if (result.ok) return [result.value];
      broken.push(brokenObject(object, cluster, result.error));
      return [];
    });
}

function brokenObject(
  object: KubernetesObject,
  cluster: ClusterName,
  error: { field: string; message: string },
): BrokenObject {
  const { namespace, name } = object.metadata;
  return {
    object: {
      cluster,
      apiVersion: object.apiVersion,
      kind: object.kind,
      ...(namespace !== undefined && { namespace }),
      name,
      field: error.field,
    },
    message: error.message,
  };
}
