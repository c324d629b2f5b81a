import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { startListWatch } from '@flatland/kube/client/list-watch/list-watch';
import type { ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import type { Report } from '@flatland/kube/client/list-watch/machine';
import type { Resource } from '@flatland/kube/client/resource';
import type { z } from 'zod';

/** Keeps all objects of a kind in step, parsed by their schema. */
export function watchKind<Schema extends z.ZodType>(
  client: KubeClient,
  kind: {
    readonly resource: Resource;
    readonly schema: Schema;
    readonly fieldSelector?: string;
    readonly namespace?: string;
  },
  on: {
    readonly change: () => void;
    readonly report: (report: Report) => void;
    readonly opened?: () => void;
  },
): ListWatch<z.output<Schema>> {
  return startListWatch<z.output<Schema>>(client, kind.resource, {
    parse: (raw) => parseWith(kind.schema, raw),
    onChanges: on.change,
    onReport: on.report,
    ...(on.opened === undefined ? {} : { onOpened: on.opened }),
    ...(kind.namespace === undefined ? {} : { namespace: kind.namespace }),
    ...(kind.fieldSelector === undefined ? {} : { fieldSelector: kind.fieldSelector }),
  });
}

/** An object by its schema, or the field at fault. */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
): Result<z.output<Schema>, string> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`);
}
