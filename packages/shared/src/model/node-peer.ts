import { z } from 'zod';
import { zCidr, zIpAddress } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zClusterName, zDomainName, zNodeName } from './names.ts';

/** Where a node may be reached, and who says so. */
export const zEndpointCandidate = z.object({
  address: zIpAddress,
  port: z.number().int().min(1).max(65_535),
  /**
   * `interface`: an address that the node has; where the node is behind NAT, of use to its own cluster only. `observed`:
   * where peers see the node, or an address of a family in which it is not behind NAT while it is in the other.
   */
  source: z.enum(['interface', 'observed', 'configured']),
});
export type EndpointCandidate = z.infer<typeof zEndpointCandidate>;

/** A node's side of a domain's tunnels. Named `<domain>.<node>`. Changes only when one of its fields does. */
export const zNodePeerSpec = z.object({
  domain: zDomainName,
  node: zNodeName,
  /** WireGuard public key, base64 of 32 bytes. */
  publicKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be a WireGuard public key in base64'),
  candidates: z.array(zEndpointCandidate),
  /** Nodes that relay for this one where no direct path works, in order of preference. */
  via: z.array(z.object({ cluster: zClusterName, node: zNodeName })),
  /** True where the node, in one family at least, can only be reached after it spoke first (behind NAT). */
  behindNat: z.boolean(),
  blocks: z.array(zCidr),
  /** The node's router's own addresses, each of one of its blocks. */
  routerAddresses: z.array(zIpAddress),
  underlayMtuBytes: z.number().int().min(576).max(65_535),
  protocolVersions: z.array(z.number().int()),
});
export const zNodePeer = defineKind('NodePeer', zNodePeerSpec, z.looseObject({}));
export type NodePeerSpec = z.infer<typeof zNodePeerSpec>;
export type NodePeer = z.infer<typeof zNodePeer>;
