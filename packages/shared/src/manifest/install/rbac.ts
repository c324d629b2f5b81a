import { NAME_SERVERS } from '../../dns/name-server.ts';
import { CLUSTER_DNS_SERVICE, DNS_SERVICE } from '../../dns/node-dns.ts';
import { LINK_ACCOUNT, LINKS_SECRET } from '../../model/cluster-link.ts';
import { SYSTEM_NAMESPACE, type KubernetesObject } from '../../model/kubernetes-object.ts';
import { clusterMeta, systemMeta } from './meta.ts';

/** A ClusterRole that some links need besides their account's own. */
export type LinkGrant = 'flatland-link-hub' | 'flatland-link-push';

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'patch', 'update'];
const FLATLAND = 'flatland.dev';

/** What the agent may do; a ValidatingAdmissionPolicy narrows its writes to its own node's objects. */
const AGENT_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['kubeadm-config'], verbs: READ },
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods'], verbs: READ },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: READ },
  {
    apiGroups: [FLATLAND],
    resources: ['addressblocks', 'domains', 'memberships', 'memberslices', 'nodepeers', 'remoteslices'],
    verbs: READ,
  },
  { apiGroups: [FLATLAND], resources: ['addressblocks', 'memberslices', 'nodepeers'], verbs: WRITE },
];

const CONTROLLER_RULES: readonly PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['kubeadm-config', ...NAME_SERVERS],
    verbs: READ,
  },
  {
    apiGroups: [''],
    resources: ['services'],
    resourceNames: [CLUSTER_DNS_SERVICE, DNS_SERVICE.name],
    verbs: READ,
  },
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods'], verbs: READ },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: READ,
  },
  {
    apiGroups: [FLATLAND],
    resources: [
      'addressblocks',
      'clusterlinks',
      'domains',
      'memberships',
      'memberslices',
      'meshes',
      'nodepeers',
      'remoteslices',
    ],
    verbs: READ,
  },
  { apiGroups: [FLATLAND], resources: ['remoteslices'], verbs: WRITE },
  { apiGroups: [FLATLAND], resources: ['addressblocks', 'memberslices', 'nodepeers'], verbs: ['delete'] },
  {
    apiGroups: [FLATLAND],
    resources: [
      'clusterlinks/status',
      'domains/status',
      'memberships/status',
      'meshes/status',
      'remoteslices/status',
    ],
    verbs: ['patch', 'update'],
  },
];

/** What the controller may do in its own namespace: read links' credentials by name, renew those that Flatland made, and its lease. */
const CONTROLLER_NAMESPACE_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: [LINKS_SECRET], verbs: ['patch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'patch', 'update'] },
];

/** What another cluster's controller may do here over a ClusterLink. */
const LINK_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
  { apiGroups: [FLATLAND], resources: ['domains', 'memberslices', 'nodepeers'], verbs: READ },
];

/** What it may do in the system namespace: make the next token of its own account, and of no other. */
const LINK_NAMESPACE_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [LINK_ACCOUNT], verbs: ['create'] },
];

/** Added to a link whose mode is `push`. */
const LINK_PUSH_RULES: readonly PolicyRule[] = [
  { apiGroups: [FLATLAND], resources: ['remoteslices'], verbs: [...READ, ...WRITE] },
];

/** Added to a link to a hub, whose mirrors are read too. */
const LINK_HUB_RULES: readonly PolicyRule[] = [
  { apiGroups: [FLATLAND], resources: ['remoteslices'], verbs: READ },
];

/** Service accounts, roles and bindings with the least right that each component needs. */
export function rbacManifests(): KubernetesObject[] {
  return [
    ...['flatland-agent', 'flatland-controller', 'flatland-forwarder', 'flatland-link'].map(serviceAccount),
    ...clusterRole('flatland-agent', AGENT_RULES),
    ...clusterRole('flatland-controller', CONTROLLER_RULES),
    ...clusterRole('flatland-link', LINK_RULES),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterMeta('flatland-link-push'),
      rules: LINK_PUSH_RULES,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterMeta('flatland-link-hub'),
      rules: LINK_HUB_RULES,
    },
    ...role('flatland-controller', CONTROLLER_NAMESPACE_RULES),
    ...role(LINK_ACCOUNT, LINK_NAMESPACE_RULES),
  ];
}

/** Binds one of the links' further roles, for a link that pushes or reads what a hub passes on. */
export function linkGrant(name: LinkGrant): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: clusterMeta(name),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [subject(LINK_ACCOUNT)],
  };
}

function role(name: string, rules: readonly PolicyRule[]): KubernetesObject[] {
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: systemMeta(name), rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: systemMeta(name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [subject(name)],
    },
  ];
}

function serviceAccount(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: systemMeta(name),
    automountServiceAccountToken: name !== 'flatland-forwarder',
  };
}

function clusterRole(name: string, rules: readonly PolicyRule[]): KubernetesObject[] {
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: clusterMeta(name), rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterMeta(name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [subject(name)],
    },
  ];
}

function subject(name: string) {
  return { kind: 'ServiceAccount', name, namespace: SYSTEM_NAMESPACE };
}
