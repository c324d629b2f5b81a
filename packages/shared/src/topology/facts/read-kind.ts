import type { z } from 'zod';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { ClusterName } from '../../model/names.ts';
import { err, ok, type Result } from '../../result.ts';
import type { BrokenObject } from '../topology.ts';
import { memoized } from './memoized.ts';

/** What is wrong with an object that does not have its kind's form. */
export interface Unreadable {
  /** Path of the field at fault, as `spec.domain`; empty for the object itself. */
  readonly field: string;
  readonly message: string;
}

/** Reads one object; an object that was read before is not read again. */
export type ObjectReader<Value> = (object: KubernetesObject) => Result<Value, Unreadable>;

/** A reader of one of Flatland's kinds. */
export function objectReader<Schema extends z.ZodType>(schema: Schema): ObjectReader<z.output<Schema>> {
  return memoized((object: KubernetesObject): Result<z.output<Schema>, Unreadable> => {
    const parsed = schema.safeParse(object);
    if (parsed.success) return ok(parsed.data);
    const issue = parsed.error.issues[0];
    return err({ field: issue?.path.join('.') ?? '', message: issue?.message ?? 'unreadable' });
  });
}

/** Reads objects of a kind; those that do not have its form are told apart, with the field at fault. */
export function readAll<Value>(
  read: ObjectReader<Value>,
  objects: readonly KubernetesObject[],
  cluster: ClusterName,
  broken: BrokenObject[],
): Value[] {
  return objects.flatMap((object) => {
    const result = read(object);
    if (result.ok) return [result.value];
    broken.push(brokenObject(object, cluster, result.error));
    return [];
  });
}

function brokenObject(object: KubernetesObject, cluster: ClusterName, error: Unreadable): BrokenObject {
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
