import { orThrow } from '@flatland/kube/client/error';
import { deleteObject } from '@flatland/kube/client/objects';
import { AddressBlock, MemberSlice, NodePeer } from '@flatland/kube/client/resources';
import type { NodeName } from '@flatland/shared/model/names';
import type { OwnCluster } from '../run/own-cluster.ts';
import { startReconcileLoop } from '../run/reconcile-loop.ts';
import type { ReconcileLoop } from '../run/reconcile-loop.ts';
import { compileGarbage } from './compile-garbage.ts';

const KINDS = { AddressBlock, MemberSlice, NodePeer };

/** Starts to delete what nodes that are gone have left behind. */
export function collectGarbage(own: OwnCluster): ReconcileLoop {
  let missingSinceMs: ReadonlyMap<NodeName, number> = new Map();

  async function reconcile(nowMs: number): Promise<number> {
    if (!own.synced()) return Infinity;
    const { addressBlocks, memberSlices, nodePeers, nodes } = own.watches;
    const garbage = compileGarbage({
      nodes: nodes.cache.list().map((node) => node.metadata.name as NodeName),
      objects: [...addressBlocks.cache.list(), ...memberSlices.cache.list(), ...nodePeers.cache.list()],
      missingSinceMs,
      nowMs,
    });
    missingSinceMs = garbage.missingSinceMs;
    for (const { kind, metadata, spec } of garbage.deletes) {
      const deleted = await deleteObject(own.client, KINDS[kind], {
        name: metadata.name,
        ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      });
      if (!deleted.ok && deleted.error.kind !== 'notFound' && deleted.error.kind !== 'conflict')
        orThrow(deleted);
      own.log.info({ kind, name: metadata.name, node: spec.node }, 'deleted what a gone node left');
    }
    return garbage.nextMs;
  }

  const { clock, random, log } = own;
  const loop = startReconcileLoop({ name: 'garbage', reconcile, clock, random, log });
  own.onChange(['AddressBlock', 'MemberSlice', 'Node', 'NodePeer'], () => loop.trigger());
  loop.trigger();
  return loop;
}
