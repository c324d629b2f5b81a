import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, createObject, getObject } from '@flatland/kube/client/objects';
import { resource } from '@flatland/kube/client/resource';
import type { Resource } from '@flatland/kube/client/resource';
import * as resources from '@flatland/kube/client/resources';
import type { KubeObject } from '../workloads/kinds/meta.ts';

/** Field manager of what the lab writes. */
export const LAB_MANAGER = 'flatland-lab';

/* Kinds of the installation that the client has no constant for. */
const MORE = [
  resource('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
    plural: 'validatingadmissionpolicies',
    scope: 'cluster',
  }),
  resource('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', {
    plural: 'validatingadmissionpolicybindings',
    scope: 'cluster',
  }),
];

const BY_KIND = new Map(
  [...Object.values(resources), ...MORE]
    .filter((value): value is Resource => typeof value === 'object' && 'plural' in value)
    .map((value) => [value.kind, value]),
);

/** The resource of an object's kind. Throws for a kind that the lab never writes. */
export function resourceOf(object: KubeObject): Resource {
  const found = BY_KIND.get(object.kind ?? '');
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
  const { name, namespace } = object.metadata;
  const read = await getObject(
    client,
    resourceOf(object),
    namespace === undefined ? { name } : { name, namespace },
  );
  if (!read.ok && read.error.kind !== 'notFound') orThrow(read);
  return read.ok;
}
