import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import { Domain, Membership, Mesh } from '@flatland/kube/client/resources';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  zKubernetesObject,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import { readConnections } from '../api/clusters.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';

/** `flatland export DIR`: what Flatland made in each cluster, a folder a cluster and a file an object, as `apply -f DIR` reads it. */
export async function exportObjects(
  io: CommandIo,
  options: { readonly json?: boolean },
  directory: string,
): Promise<void> {
  refuseFilledDirectory(directory);
  const written: string[] = [];
  for (const [cluster, connection] of [...readConnections(io.env)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const folder = join(directory, cluster);
    mkdirSync(folder, { recursive: true });
    for (const object of await ownedObjects(connection)) {
      const path = join(folder, fileName(object));
      writeFileSync(path, stableYaml(managedFields(object)));
      written.push(path);
    }
  }
  print(io, options, { files: written }, () => `${written.length} objects written to ${directory}`);
}

async function ownedObjects(connection: Connection): Promise<KubernetesObject[]> {
  const client = openKubeClient(connection, { addressPolicy: localAddressPolicy });
  try {
    const objects: KubernetesObject[] = [];
    for (const resource of [Domain, Membership, Mesh]) {
      const list = await listObjects(client, resource, {
        labelSelector: `${OWNER_LABEL}=${OWNER_LABEL_VALUE}`,
      });
      if (!list.ok) throw new CommandError(`${connection.cluster}: ${list.error.message}`);
      objects.push(
        ...list.value.items.map((item) =>
          zKubernetesObject.parse({
            ...item,
            apiVersion: item.apiVersion ?? 'flatland.dev/v1alpha1',
            kind: item.kind ?? resource.kind,
          }),
        ),
      );
    }
    return objects;
  } finally {
    await client.close();
  }
}

/** Names of objects are DNS names, so that they are safe as file names. */
export function fileName(object: KubernetesObject): string {
  const parts = [object.kind.toLowerCase(), object.metadata.namespace, object.metadata.name].filter(
    (part) => part !== undefined,
  );
  return `${parts.join('-').replaceAll(/[^a-z0-9.-]/g, '_')}.yaml`;
}

/** Refuses to write among files that are there already. */
export function refuseFilledDirectory(directory: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new CommandError(`${directory} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
        exitCode: EXIT.usage,
      });
  }
  if (names.length > 0)
    throw new CommandError(`${directory} is not empty`, {
      next: 'Name a new or empty directory',
      exitCode: EXIT.usage,
    });
}
