import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mergePatchObject } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import { mergeConditions, sameConditions } from './conditions.ts';
import type { WantedCondition } from './conditions.ts';

export const FIELD_MANAGER = 'flatland-controller';

/** An object whose status is written. */
export interface WithStatus {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly generation?: number | undefined;
    readonly resourceVersion?: string | undefined;
  };
  readonly status?:
    | ({ readonly conditions?: readonly Condition[] | undefined } & Readonly<Record<string, unknown>>)
    | undefined;
}

/** What an object's status should say: these conditions, and these other fields. */
export interface WantedStatus {
  readonly conditions: readonly WantedCondition[];
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Writes an object's status where it does not say the same already. Gives whether it wrote. An object that changed
 * or went meanwhile is left for the next run.
 */
export async function writeStatus(
  client: KubeClient,
  kind: Resource,
  change: { readonly object: WithStatus; readonly wanted: WantedStatus; readonly nowMs: number },
): Promise<boolean> {
  const { object, wanted, nowMs } = change;
  const { name, namespace, generation, resourceVersion } = object.metadata;
  const live = object.status?.conditions ?? [];
  const conditions = mergeConditions(live, wanted.conditions, { nowMs, generation });
  const fields = Object.entries(wanted.fields ?? {}).filter(
    ([field, value]) => JSON.stringify(object.status?.[field]) !== JSON.stringify(value),
  );
  if (sameConditions(live, conditions) && fields.length === 0) return false;
  const written = await mergePatchObject(client, kind, {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    fieldManager: FIELD_MANAGER,
    subresource: 'status',
    patch: {
      ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }),
      status: { conditions, ...Object.fromEntries(fields) },
    },
  });
  if (!written.ok && (written.error.kind === 'conflict' || written.error.kind === 'notFound')) return false;
  orThrow(written);
  return true;
}
