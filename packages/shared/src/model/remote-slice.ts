import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zMemberSliceSpec } from './member-slice.ts';
import { zClusterName, zDomainName } from './names.ts';
import { zNodePeerSpec } from './node-peer.ts';

/** Newest version of the payload that this release knows; readers skip versions that they don't know, and say so. */
export const REMOTE_PAYLOAD_VERSION = 2;
/** Version of a slice that holds all of the origin's nodes, and of one that holds a part of them. */
export const PAYLOAD_VERSION_OF = { whole: 1, shard: 2 } as const;

/** Length of the longest shard: a domain of a cluster is in at most 65,536 slices. */
export const MAX_SHARD_BITS = 16;

/**
 * Another cluster's side of a domain, mirrored; the nodes of a large one in several slices. Named `<cluster>.<domain>`,
 * or `<cluster>.<domain>.<shard>`. Never re-exported, but by a declared hub.
 */
export const zRemoteSliceSpec = z.object({
  origin: z.object({
    cluster: zClusterName,
    /** uid of the origin's kube-system Namespace. */
    uid: z.string(),
    /** Rises when the origin's history was lost or restored. */
    epoch: z.number().int(),
  }),
  domain: zDomainName,
  payloadVersion: z.number().int(),
  /** The first bits of the hash of the nodes' names that this slice holds; absent: it holds all of them. */
  shard: z
    .string()
    .regex(/^[01]+$/, 'must be bits')
    .max(MAX_SHARD_BITS)
    .optional(),
  peers: z.array(zNodePeerSpec),
  members: z.array(zMemberSliceSpec),
});
export const zRemoteSlice = defineKind(
  'RemoteSlice',
  zRemoteSliceSpec,
  z.looseObject({ conditions: z.array(zCondition).optional() }),
);
export type RemoteSliceSpec = z.infer<typeof zRemoteSliceSpec>;
export type RemoteSlice = z.infer<typeof zRemoteSlice>;
