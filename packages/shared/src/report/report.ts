import { z } from 'zod';
import { zIpAddress } from '../model/addresses.ts';
import { zCondition } from '../model/kubernetes-object.ts';
import { zClusterName, zDomainName, zNamespaceName, zNodeName, zObjectName } from '../model/names.ts';
import { zReasonCode } from '../reason/reasons.ts';

/**
 * What an agent reports, and how it is asked. The agent serves these over HTTP on its pod's port
 * `report`; the console reaches them through the API server's `pods/proxy`:
 *
 *     GET  /v1/report            NodeReport
 *     GET  /v1/report?watch=1    NDJSON stream of NodeReport, one at a change and at least every 10 s
 *     POST /v1/probes            ProbeRequest -> ProbeResult
 */
export const REPORT_PORT = 7402;

/** How the datapath carries packets. */
export const zDatapath = z.enum(['kernel', 'in-memory']);
export type Datapath = z.infer<typeof zDatapath>;

/** Whose WireGuard carries a domain's packets between nodes: the kernel's, or the bundled one with or without its addon. */
export const zCarrier = z.enum(['kernel', 'native', 'portable']);
export type Carrier = z.infer<typeof zCarrier>;

export const zPeerReport = z.object({
  cluster: zClusterName,
  node: zNodeName,
  publicKey: z.string(),
  endpoint: z.string(),
  path: z.enum(['none', 'direct', 'relay']),
  relay: z.string().optional(),
  up: z.boolean(),
  /** Since when it is up, or down. */
  sinceMs: z.number().optional(),
  lastHandshakeMs: z.number().optional(),
  rttMs: z.number().optional(),
  lossRatio: z.number().optional(),
  /** The longest packet of a member that passes the path in one piece. */
  mtuBytes: z.number().optional(),
  rxBytes: z.number(),
  txBytes: z.number(),
  /** Dropped packets from and to the peer by reason; absent where there are none. */
  drops: z.record(z.string(), z.number()).optional(),
});

/** Packets seen between two members in one direction. */
export const zFlowReport = z.object({
  from: zIpAddress,
  to: zIpAddress,
  packets: z.number(),
  bytes: z.number(),
  lastSeenMs: z.number(),
});

export const zDomainReport = z.object({
  domain: zDomainName,
  /** Absent where the domain has no tunnels yet. */
  carrier: zCarrier.optional(),
  conditions: z.array(zCondition),
  peers: z.array(zPeerReport),
  flows: z.array(zFlowReport),
  /** Dropped packets by reason. */
  drops: z.record(z.string(), z.number()),
});

export const zNodeReport = z.object({
  cluster: zClusterName,
  node: zNodeName,
  datapath: zDatapath,
  atMs: z.number(),
  startedAtMs: z.number(),
  domains: z.array(zDomainReport),
});
export type PeerReport = z.infer<typeof zPeerReport>;
export type FlowReport = z.infer<typeof zFlowReport>;
export type DomainReport = z.infer<typeof zDomainReport>;
export type NodeReport = z.infer<typeof zNodeReport>;

/** A packet to be sent from an instance's own network namespace. A TCP probe counts only with a payload round trip. */
export const zProbeRequest = z.strictObject({
  from: z.strictObject({ namespace: zNamespaceName, pod: zObjectName }),
  to: zIpAddress,
  protocol: z.enum(['ICMP', 'UDP', 'TCP']).default('ICMP'),
  port: z.number().int().min(1).max(65_535).optional(),
  timeoutMs: z.number().int().min(10).max(10_000).default(1000),
  /** uid of the pod that should echo. Two domains may have equal prefixes, so that an echo alone does not prove who sent it; a UDP echo names its sender. */
  expectUid: z.string().max(64).optional(),
});
export type ProbeRequest = z.infer<typeof zProbeRequest>;

/** What came of a probe. `echoed` is true only where the far end returned the nonce. */
export const zProbeResult = z.object({
  from: z.object({ namespace: zNamespaceName, pod: zObjectName, address: zIpAddress.optional() }),
  to: zIpAddress,
  protocol: z.enum(['ICMP', 'UDP', 'TCP']),
  echoed: z.boolean(),
  /** uid of the pod that echoed, where the protocol says so (UDP). `echoed` is false where it is not the expected one. */
  responderUid: z.string().optional(),
  rttMs: z.number().optional(),
  reason: zReasonCode.optional(),
  detail: z.string(),
  datapath: zDatapath,
  atMs: z.number(),
});
export type ProbeResult = z.infer<typeof zProbeResult>;
