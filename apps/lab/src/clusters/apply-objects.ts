import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, createObject, getObject } from '@flatland/kube/client/objects';
import { refOf } from '@flatland/kube/client/object';
import type { Resource } from '@flatland/kube/client/resource';
import { resourceOfKind } from '@flatland/kube/client/resource-of-kind';
import type { KubeObject } from '../workloads/kinds/meta.ts';

/** Field manager of what the lab writes. */
export const LAB_MANAGER = 'flatland-lab';

/** The resource of an object's kind. Throws for a kind that the lab never writes. */
export function resourceOf(object: KubeObject): Resource {
  const found = resourceOfKind(object.kind ?? '');
  if (found === undefined) throw new Error(`the lab writes no ${object.kind}`);
  return found;
}

/** Makes objects be as given, in their order, taking over fields of others. */
export async function applyObjects(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const options = { object, fieldManager: LAB_MANAGER, force: true };
    orThrow(await applyObject(client, resourceOf(object), options));
  }
}

/** Creates objects in their order. One that exists stays as it is. */
export async function createMissing(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const created = await createObject(client, resourceOf(object), { object, fieldManager: LAB_MANAGER });
    if (!created.ok && created.error.kind !== 'alreadyExists') orThrow(created);
  }
}

/** True where an object of that name exists. */
export async function exists(client: KubeClient, object: KubeObject): Promise<boolean> {
  const read = await getObject(client, resourceOf(object), refOf(object.metadata));
  if (!read.ok && read.error.kind !== 'notFound') orThrow(read);
  return read.ok;
}
