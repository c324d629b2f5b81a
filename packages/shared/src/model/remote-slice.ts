import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zMemberSliceSpec } from './member-slice.ts';
import { zClusterName, zDomainName } from './names.ts';
import { zNodePeerSpec } from './node-peer.ts';

/** Version of the payload that this release writes; readers skip versions that they don't know, and say so. */
export const REMOTE_PAYLOAD_VERSION = 1;

/** Another cluster's side of a domain, mirrored. Named `<cluster>.<domain>`. Never re-exported, but by a declared hub. */
export const zRemoteSliceSpec = z.strictObject({
  origin: z.strictObject({
    cluster: zClusterName,
    /** uid of the origin's kube-system Namespace. */
    uid: z.string(),
    /** Rises when the origin's history was lost or restored. */
    epoch: z.number().int(),
  }),
  domain: zDomainName,
  payloadVersion: z.number().int(),
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
