import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, deleteObject } from '@flatland/kube/client/objects';
import { RemoteSlice as RemoteSliceKind } from '@flatland/kube/client/resources';
import type { MirrorWrites } from '../mirror/diff-mirror.ts';
import { FIELD_MANAGER } from '../status/write-status.ts';

/** Brings a target to hold a mirror. Throws at the first write that fails; doing it again is safe. */
export async function writeMirror(client: KubeClient, writes: MirrorWrites): Promise<void> {
  for (const object of writes.puts) {
    orThrow(await applyObject(client, RemoteSliceKind, { object, fieldManager: FIELD_MANAGER, force: true }));
  }
  for (const { metadata } of writes.deletes) {
    const deleted = await deleteObject(client, RemoteSliceKind, {
      name: metadata.name,
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    });
    if (!deleted.ok && deleted.error.kind !== 'notFound' && deleted.error.kind !== 'conflict')
      orThrow(deleted);
  }
}
