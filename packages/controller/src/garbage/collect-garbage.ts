import { orThrow } from '@flatland/kube/client/error';
import { deleteObject } from '@flatland/kube/client/objects';
import { AddressBlock, MemberSlice, NodePeer, RemoteSlice } from '@flatland/kube/client/resources';
import type { NodeName } from '@flatland/shared/model/names';
import type { OwnCluster } from '../run/own-cluster.ts';
import { startReconcileLoop } from '../run/reconcile-loop.ts';
import type { ReconcileLoop } from '../run/reconcile-loop.ts';
import { compileGarbage } from './compile-garbage.ts';
import type { NodesObject } from './compile-garbage.ts';
import { obsoleteSlices } from './obsolete-slices.ts';

const KINDS = { AddressBlock, MemberSlice, NodePeer, RemoteSlice };

/** Starts to delete what nodes that are gone have left behind, and mirrors that no domain asks for. */
export function collectGarbage(own: OwnCluster): ReconcileLoop {
  let missingSinceMs: ReadonlyMap<NodeName, number> = new Map();

  async function reconcile(nowMs: number): Promise<number> {
    if (!own.synced()) return Infinity;
    const { addressBlocks, domains, memberSlices, nodePeers, nodes, remoteSlices } = own.watches;
    const garbage = compileGarbage({
      nodes: nodes.cache.list().map((node) => node.metadata.name as NodeName),
      objects: [...addressBlocks.cache.list(), ...memberSlices.cache.list(), ...nodePeers.cache.list()],
      missingSinceMs,
      nowMs,
    });
    missingSinceMs = garbage.missingSinceMs;
    for (const object of garbage.deletes) await remove(object, 'a gone node left it');
    const slices = obsoleteSlices(own.name, domains.cache.list(), remoteSlices.cache.list());
    for (const object of slices)
      await remove({ kind: 'RemoteSlice', metadata: object.metadata }, 'no domain asks for it');
    return garbage.nextMs;
  }

  async function remove(
    object: Pick<NodesObject, 'metadata'> & { kind: keyof typeof KINDS },
    why: string,
  ): Promise<void> {
    const { name, uid } = object.metadata;
    const deleted = await deleteObject(own.client, KINDS[object.kind], {
      name,
      ...(uid === undefined ? {} : { uid }),
    });
    if (!deleted.ok && deleted.error.kind !== 'notFound' && deleted.error.kind !== 'conflict')
      orThrow(deleted);
    log.info({ kind: object.kind, name, why }, 'deleted');
  }

  const { clock, random, log } = own;
  const loop = startReconcileLoop({ name: 'garbage', reconcile, clock, random, log });
  own.onChange(['AddressBlock', 'Domain', 'MemberSlice', 'Node', 'NodePeer', 'RemoteSlice'], () =>
    loop.trigger(),
  );
  loop.trigger();
  return loop;
}
