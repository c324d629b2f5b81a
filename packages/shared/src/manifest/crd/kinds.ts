import type { z } from 'zod';
import { zAddressBlock } from '../../model/address-block.ts';
import { zClusterLink } from '../../model/cluster-link.ts';
import { zDomain } from '../../model/domain.ts';
import { zMemberSlice } from '../../model/member-slice.ts';
import { zMembership } from '../../model/membership.ts';
import { zMesh } from '../../model/mesh.ts';
import { zNodePeer } from '../../model/node-peer.ts';
import { zAdmissionPolicy, zJoinRequest, zPartnerSlice, zTrustDomain } from '../../model/partner.ts';
import { zRemoteSlice } from '../../model/remote-slice.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly priority?: number;
}

/** What the CRD of one of Flatland's own kinds needs besides its schema. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly columns: readonly PrinterColumn[];
}

const column = (name: string, jsonPath: string, type: PrinterColumn['type'] = 'string'): PrinterColumn => ({
  name,
  type,
  jsonPath,
});

/** Flatland's own kinds, sorted by kind. */
export const FLATLAND_KINDS: readonly KindDefinition[] = [
  {
    kind: 'AddressBlock',
    plural: 'addressblocks',
    shortNames: ['ab'],
    namespaced: false,
    description: 'A node’s claim on a block of its cluster’s slice of a domain; the name is the block',
    schema: zAddressBlock,
    columns: [
      column('Domain', '.spec.domain'),
      column('Prefix', '.spec.prefix'),
      column('Node', '.spec.node'),
    ],
  },
  {
    kind: 'AdmissionPolicy',
    plural: 'admissionpolicies',
    shortNames: ['ap'],
    namespaced: false,
    description: 'Which partner identities may join a domain, and which ports they reach',
    schema: zAdmissionPolicy,
    columns: [column('Domain', '.spec.domain')],
  },
  {
    kind: 'ClusterLink',
    plural: 'clusterlinks',
    shortNames: ['cl'],
    namespaced: false,
    description: 'Where another cluster’s API is, and which way peers and members are mirrored',
    schema: zClusterLink,
    columns: [
      column('Cluster', '.spec.cluster'),
      column('Mode', '.spec.mode'),
      column('Ready', '.status.conditions[?(@.type=="Ready")].status'),
    ],
  },
  {
    kind: 'Domain',
    plural: 'domains',
    shortNames: ['dom'],
    namespaced: false,
    description:
      'A flat L3 network that spans clusters: every member reaches every other by address, without NAT',
    schema: zDomain,
    columns: [
      column('Prefixes', '.spec.prefixes'),
      column('Home', '.spec.home'),
      column('DNS', '.spec.dnsName'),
      column('Members', '.status.memberCount', 'integer'),
    ],
  },
  {
    kind: 'JoinRequest',
    plural: 'joinrequests',
    shortNames: ['jr'],
    namespaced: true,
    description: 'A partner’s request to join one workload to a domain',
    schema: zJoinRequest,
    columns: [
      column('Domain', '.spec.domain'),
      column('Decision', '.status.decision'),
      column('Expires', '.status.expiresAt'),
    ],
  },
  {
    kind: 'MemberSlice',
    plural: 'memberslices',
    shortNames: ['ms'],
    namespaced: false,
    description: 'The members of a domain on one node, as its agent programmed them',
    schema: zMemberSlice,
    columns: [column('Domain', '.spec.domain'), column('Node', '.spec.node')],
  },
  {
    kind: 'Membership',
    plural: 'memberships',
    shortNames: ['mb'],
    namespaced: true,
    description: 'A workload, selected pods, or a whole namespace in a domain',
    schema: zMembership,
    columns: [
      column('Domain', '.spec.domain'),
      column('Kind', '.spec.workload.kind'),
      column('Workload', '.spec.workload.name'),
    ],
  },
  {
    kind: 'Mesh',
    plural: 'meshes',
    shortNames: [],
    namespaced: false,
    description: 'A service mesh instance bound to one domain',
    schema: zMesh,
    columns: [
      column('Kind', '.spec.kind'),
      column('Version', '.spec.version'),
      column('Domain', '.spec.domain'),
    ],
  },
  {
    kind: 'NodePeer',
    plural: 'nodepeers',
    shortNames: ['np'],
    namespaced: false,
    description: 'A node’s side of a domain’s tunnels: key, endpoints and blocks',
    schema: zNodePeer,
    columns: [
      column('Domain', '.spec.domain'),
      column('Node', '.spec.node'),
      column('Blocks', '.spec.blocks'),
    ],
  },
  {
    kind: 'PartnerSlice',
    plural: 'partnerslices',
    shortNames: ['ps'],
    namespaced: true,
    description: 'What one partner may see of a domain',
    schema: zPartnerSlice,
    columns: [column('Domain', '.spec.domain')],
  },
  {
    kind: 'RemoteSlice',
    plural: 'remoteslices',
    shortNames: [],
    namespaced: false,
    description: 'Another cluster’s side of a domain, mirrored by the controller',
    schema: zRemoteSlice,
    columns: [
      column('Cluster', '.spec.origin.cluster'),
      column('Domain', '.spec.domain'),
      column('Epoch', '.spec.origin.epoch', 'integer'),
    ],
  },
  {
    kind: 'TrustDomain',
    plural: 'trustdomains',
    shortNames: ['td'],
    namespaced: false,
    description: 'Whose identities an organization’s workloads carry (SPIFFE)',
    schema: zTrustDomain,
    columns: [column('Name', '.spec.name'), column('Endpoint', '.spec.bundleEndpoint')],
  },
];

/** The definition of one of Flatland's kinds, or undefined. */
export function flatlandKind(kind: string): KindDefinition | undefined {
  return FLATLAND_KINDS.find((definition) => definition.kind === kind);
}
