import { z } from 'zod';
import { NSM_REASONS } from './nsm-reasons.ts';
import type { ReasonText } from './reason-text.ts';

export type { ReasonText };

/** The one closed list of reasons: why a verdict, a refusal, a condition or a held object is what it is. */
export const REASONS = {
  // verdicts
  'shared-domain': {
    title: 'Same domain',
    text: 'Both are members of the same domain',
    next: 'Nothing to do',
  },
  'same-instance': { title: 'Same workload', text: 'Both ends are the same instance', next: 'Nothing to do' },
  'no-shared-domain': {
    title: 'No shared domain',
    text: 'No domain has both as members',
    next: 'Join one of them to a domain of the other',
  },
  'not-programmed': {
    title: 'Being programmed',
    text: 'A membership counts, and its node has not reported the member yet',
    next: 'Wait, or look at the node’s agent',
  },
  'no-instance': {
    title: 'No running instance',
    text: 'The workload has no running pod',
    next: 'Scale it up, or look at its pods',
  },
  'cluster-unreachable': {
    title: 'Cluster unreachable',
    text: 'The cluster’s API does not answer, so its state is the last one seen',
    next: 'Check the cluster’s API server and the connection to it',
  },
  'no-agent': {
    title: 'No agent on the node',
    text: 'The node has no running agent, so nothing programs its members',
    next: 'Install Flatland on the cluster, or look at the agent’s pod',
  },
  'not-mirrored': {
    title: 'Peer not mirrored yet',
    text: 'The other cluster’s nodes are not known on this side',
    next: 'Check the ClusterLink between the two clusters',
  },
  'tunnel-down': {
    title: 'Tunnel down',
    text: 'No packet passes between the two nodes',
    next: 'Check that UDP passes between them, or set a relay',
  },
  'no-common-family': {
    title: 'No common address family',
    text: 'In the domain one has IPv4 addresses only and the other IPv6 addresses only',
    next: 'Give both clusters a slice of the same prefix',
  },
  'port-not-allowed': {
    title: 'Port not allowed',
    text: 'The admission policy does not open this port to the partner',
    next: 'Add the port to the policy',
  },
  // refusals of memberships and domains
  'namespace-not-allowed': {
    title: 'Namespace not allowed',
    text: 'The domain does not admit memberships of this namespace',
    next: 'Add the namespace to the domain’s allowedNamespaces',
  },
  'domain-not-found': {
    title: 'No such domain',
    text: 'The domain does not exist in this cluster',
    next: 'Create it, or let it span the cluster',
  },
  'cluster-not-in-domain': {
    title: 'Cluster not in the domain',
    text: 'The domain does not span this cluster',
    next: 'Drag the cluster onto the domain',
  },
  'prefix-clash': {
    title: 'Prefix clash',
    text: 'The prefix overlaps another that the pod or the cluster uses',
    next: 'Choose another prefix',
  },
  'slice-conflict': {
    title: 'Slice conflict',
    text: 'The slices of two clusters overlap, or differ from those of the home cluster',
    next: 'Apply the domain again from its home cluster',
  },
  'host-network': {
    title: 'Host network',
    text: 'The pod uses the node’s own network',
    next: 'Run the workload without hostNetwork',
  },
  'unsupported-sandbox': {
    title: 'Sandbox ignores new interfaces',
    text: 'The pod’s sandbox does not take interfaces while it runs',
    next: 'Run the workload with another runtime class',
  },
  'addresses-exhausted': {
    title: 'No free address',
    text: 'The cluster’s slice of the domain has no free block',
    next: 'Give the cluster a larger slice',
  },
  'workload-not-found': {
    title: 'No such workload',
    text: 'The membership names a workload that does not exist',
    next: 'Correct the name, or create the workload',
  },
  'already-member': {
    title: 'Already a member',
    text: 'The workload is a member of the domain already',
    next: 'Nothing to do',
  },
  'not-a-member': {
    title: 'Not a member',
    text: 'The workload is not a member of the domain',
    next: 'Nothing to do',
  },
  'selected-by-selector': {
    title: 'Selected by a selector',
    text: 'The membership covers more than this workload',
    next: 'Change the membership’s selector',
  },
  'control-plane-member': {
    title: 'Hosts a mesh’s control plane',
    text: 'A mesh of this domain has its control plane in the workload',
    next: 'Move the mesh’s control plane first',
  },
  'name-taken': { title: 'Name taken', text: 'Another object has this name', next: 'Choose another name' },
  'invalid-name': {
    title: 'Invalid name',
    text: 'The name is not a DNS label',
    next: 'Use lower-case letters, digits and dashes, beginning and ending with a letter or digit',
  },
  'invalid-prefix': {
    title: 'Invalid prefix',
    text: 'The prefix cannot be read',
    next: 'Write it as ADDRESS/LENGTH, for example 10.83.0.0/16',
  },
  'invalid-object': {
    title: 'Invalid object',
    text: 'The object does not have the form of its kind',
    next: 'Correct the named field',
  },
  'already-spanned': {
    title: 'Already spanned',
    text: 'The domain spans the cluster already',
    next: 'Nothing to do',
  },
  'unknown-cluster': {
    title: 'Unknown cluster',
    text: 'No cluster of this name is connected',
    next: 'Connect the cluster, or correct the name',
  },
  'read-only-cluster': {
    title: 'Read-only cluster',
    text: 'The cluster is connected read-only, or its credentials may not write',
    next: 'Export the change, or connect the cluster with the right to write',
  },
  drifted: {
    title: 'Not as applied',
    text: 'Somebody changed the object after Flatland applied it',
    next: 'Adopt what is there, or restore what was applied',
  },
  'git-owned': {
    title: 'Waits for Git',
    text: 'Argo CD or Flux keeps the object as Git says, so the console does not write it',
    next: 'Commit the exported files; it goes on by itself once the cluster has them',
  },
  'no-gesture': {
    title: 'Not connectable',
    text: 'These two cannot be connected',
    next: 'Drag a workload, a cluster or a mesh onto a domain',
  },
  'same-element': {
    title: 'Same element',
    text: 'An element cannot be connected to itself',
    next: 'Choose another target',
  },
  'mesh-bound-elsewhere': {
    title: 'Mesh has a domain',
    text: 'The mesh is bound to another domain',
    next: 'Choose a mesh of this domain',
  },
  'second-interception': {
    title: 'Second interception',
    text: 'Another mesh intercepts this workload’s traffic already',
    next: 'Enrol it with explicit listeners',
  },
  'not-in-mesh-domain': {
    title: 'Not in the mesh’s domain',
    text: 'The workload is not a member of the mesh’s domain',
    next: 'Join it to the domain first',
  },
  'partner-not-admitted': {
    title: 'Not admitted',
    text: 'No admission policy accepts this identity',
    next: 'Admit it',
  },
  'managed-elsewhere': {
    title: 'Managed elsewhere',
    text: 'Another tool owns this object',
    next: 'Export the change to that tool',
  },
  // apply
  'changed-meanwhile': {
    title: 'Changed meanwhile',
    text: 'The object changed since it was planned',
    next: 'Plan again',
  },
  'field-conflict': {
    title: 'Field owned by another',
    text: 'Another manager owns a field of this change',
    next: 'Take the field over, or leave it',
  },
  forbidden: {
    title: 'Forbidden',
    text: 'The credentials lack a right that this needs',
    next: 'Ask for the named verb on the named resource',
  },
  'webhook-refused': {
    title: 'Refused by admission',
    text: 'The cluster’s admission refused the object',
    next: 'Read its text, and change the object',
  },
  'apply-failed': {
    title: 'Apply failed',
    text: 'The cluster answered with an error',
    next: 'Retry, or leave it pending',
  },
  'unowned-object': {
    title: 'Not Flatland’s object',
    text: 'The object does not carry Flatland’s owner label',
    next: 'Delete it with the tool that made it',
  },
  // conditions and holds
  ready: { title: 'Ready', text: 'Everything that this needs is in place', next: 'Nothing to do' },
  'dns-not-wired': {
    title: 'DNS not wired',
    text: 'The cluster’s DNS does not forward the domain’s zone',
    next: 'Run `flatland dns` with the cluster’s kubeconfig: it prints what to add, and adds it with --apply',
  },
  'no-name-server': {
    title: 'Name server not found',
    text: 'kube-system has neither CoreDNS nor NodeLocal DNSCache as Flatland knows them',
    next: 'Let the cluster’s name server forward the zones to the Service flatland-dns with the client’s address (EDNS Client Subnet), or let members ask their domain’s router',
  },
  'name-server-not-local': {
    title: 'Name server not of the own node',
    text: 'Pods may ask the name server in another node’s network, which does not see who asks',
    next: 'Set internalTrafficPolicy: Local on the Service kube-dns in kube-system, and try again',
  },
  'dns-service-missing': {
    title: 'DNS Service missing',
    text: 'The Service by which the name server asks each node’s agent is not there',
    next: 'Install Flatland on the cluster, and try again',
  },
  'corefile-managed': {
    title: 'Corefile managed',
    text: 'Somebody else keeps the Corefile as it is, and would undo a change',
    next: 'Add the printed block where that Corefile comes from',
  },
  'corefile-unreadable': {
    title: 'Corefile not understood',
    text: 'The name server’s Corefile cannot be read safely, so it is not changed',
    next: 'Add the printed block by hand',
  },
  'corefile-changed': {
    title: 'Corefile changed by hand',
    text: 'The part of the Corefile that is Flatland’s was changed since',
    next: 'Take that part out of the Corefile by hand, and try again',
  },
  'zone-served': {
    title: 'Zone served already',
    text: 'The name server serves the domain’s zone from somewhere else',
    next: 'Give the domain another DNS name, or take the other server out of the Corefile',
  },
  'nodes-lost-held': {
    title: 'Loss held',
    text: 'More than a fifth of the origin’s nodes vanished at once; they are kept for ten minutes',
    next: 'Check the other cluster',
  },
  'empty-list-held': {
    title: 'Empty list ignored',
    text: 'The origin’s list was empty or partial, so nothing was deleted',
    next: 'Check the other cluster',
  },
  'restored-held': {
    title: 'Restore held',
    text: 'The cluster’s API went back to an earlier state; what it lost is kept for ten minutes',
    next: 'Apply again what was made after the backup',
  },
  'outside-slice': {
    title: 'Outside the slice',
    text: 'The origin announced addresses outside its slice; they were dropped',
    next: 'Check the other cluster’s agents',
  },
  'unknown-payload': {
    title: 'Unknown version',
    text: 'The other side writes a version that this side does not know',
    next: 'Upgrade the older side',
  },
  'link-credentials': {
    title: 'Link credentials',
    text: 'The credentials of the link are missing or refused',
    next: 'Make a new token for the link',
  },
  'link-not-found': {
    title: 'No such link',
    text: 'The cluster has no ClusterLink of this name',
    next: 'List the links with: flatland links',
  },
  'link-own-token': {
    title: 'Token from somebody else',
    text: 'The token of the link is in a Secret that Flatland does not write',
    next: 'Renew it where it was made, or make the link anew',
  },
  'link-address': {
    title: 'Address not known',
    text: 'Other clusters cannot be told where this cluster’s API is: its connection names no CA, or another name than its address',
    next: 'Connect the cluster with certificate-authority-data and an address that the others reach',
  },
  'link-expired': {
    title: 'Link token expired',
    text: 'The token of the link has expired, so the other cluster refuses it; what was mirrored stays',
    next: 'Make a new token for the link: in the cluster’s panel, or with flatland link --renew',
  },
  'link-renewal': {
    title: 'Link token not renewed',
    text: 'The token of the link is past half of its life, and no new one could be made; it still works',
    next: 'Allow what the message names, or make a new token before it expires',
  },
  'no-kernel-datapath': {
    title: 'Simulated datapath',
    text: 'This machine does not give the rights for real interfaces',
    next: 'Give CAP_NET_ADMIN or user namespaces, and `ip` and `nft`',
  },
  'network-policy': {
    title: 'Under a NetworkPolicy',
    text: 'NetworkPolicies do not apply to a domain’s interfaces',
    next: 'Acknowledge, or leave the workload out',
  },
  // export to Network Service Mesh
  ...NSM_REASONS,
  // probes
  'probe-timeout': {
    title: 'No answer',
    text: 'No echo of the nonce came back in time',
    next: 'Open “why” for the path',
  },
  'probe-unreachable': {
    title: 'Unreachable',
    text: 'A router on the way answered that the destination is unreachable',
    next: 'Open “why” for the path',
  },
  'probe-impossible': {
    title: 'Probe impossible',
    text: 'There is no agent or no running instance to send the probe from',
    next: 'Check the agent of the node',
  },
} as const satisfies Record<string, ReasonText>;

export type ReasonCode = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as ReasonCode[];
export const zReasonCode = z.enum(REASON_CODES as [ReasonCode, ...ReasonCode[]]);

/** A reason with what it is about. `detail` names the objects, ranges and clusters concerned. */
export interface Refusal {
  readonly code: ReasonCode;
  readonly detail: string;
}

/** What was refused and why, without the next action. */
export function whyRefused({ code, detail }: Refusal): string {
  return `${REASONS[code].title}: ${detail || REASONS[code].text}`;
}

/** One line for people: title, detail and the next action. */
export function refusalText(refusal: Refusal): string {
  return `${whyRefused(refusal)}. ${REASONS[refusal.code].next}`;
}
