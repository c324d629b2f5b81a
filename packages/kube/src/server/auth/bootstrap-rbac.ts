import type { KubeObject } from '../model/kube-object.ts';
import type { PolicyRule } from './authorizer.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const AUTOUPDATE = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };

const WORKLOADS = [
  'daemonsets',
  'deployments',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
  'statefulsets',
  'statefulsets/scale',
];
const CORE_CONTENT = ['configmaps', 'endpoints', 'events', 'pods', 'serviceaccounts', 'services'];

const VIEW: PolicyRule[] = [
  rule(
    READ,
    [''],
    [...CORE_CONTENT, 'namespaces', 'pods/log', 'pods/status', 'services/status', 'namespaces/status'],
  ),
  rule(
    READ,
    ['apps'],
    [
      ...WORKLOADS,
      'controllerrevisions',
      ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].map((name) => `${name}/status`),
    ],
  ),
  rule(READ, ['discovery.k8s.io'], ['endpointslices']),
  rule(READ, ['networking.k8s.io'], ['networkpolicies']),
  rule(READ, ['policy'], ['poddisruptionbudgets', 'poddisruptionbudgets/status']),
];

const EDIT: PolicyRule[] = [
  ...VIEW,
  rule([...READ], [''], ['pods/exec', 'pods/proxy', 'secrets', 'services/proxy']),
  rule(['create'], [''], ['pods/eviction', 'serviceaccounts/token', 'pods/exec']),
  rule(['impersonate'], [''], ['serviceaccounts']),
  rule(WRITE, [''], [...CORE_CONTENT, 'pods/proxy', 'secrets']),
  rule(WRITE, ['apps'], WORKLOADS),
  rule(WRITE, ['networking.k8s.io'], ['networkpolicies']),
  rule(WRITE, ['policy'], ['poddisruptionbudgets']),
  rule([...READ, ...WRITE], ['coordination.k8s.io'], ['leases']),
];

const ADMIN: PolicyRule[] = [
  ...EDIT,
  rule(['create'], ['authorization.k8s.io'], ['localsubjectaccessreviews']),
  rule([...READ, ...WRITE], ['rbac.authorization.k8s.io'], ['rolebindings', 'roles']),
];

/** The roles and bindings of Kubernetes' own bootstrap policy that matter here. */
export const BOOTSTRAP_RBAC: readonly KubeObject[] = [
  clusterRole('cluster-admin', [rule(['*'], ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }]),
  clusterRole('admin', ADMIN),
  clusterRole('edit', EDIT),
  clusterRole('view', VIEW),
  clusterRole('system:basic-user', [
    rule(['create'], ['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
    rule(['create'], ['authentication.k8s.io'], ['selfsubjectreviews']),
  ]),
  clusterRole('system:discovery', [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ]),
  clusterRole('system:public-info-viewer', [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    { nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] },
  ]),
  clusterRole('system:auth-delegator', [
    rule(['create'], ['authentication.k8s.io'], ['tokenreviews']),
    rule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
  ]),
  clusterRoleBinding('cluster-admin', 'cluster-admin', ['system:masters']),
  clusterRoleBinding('system:basic-user', 'system:basic-user', ['system:authenticated']),
  clusterRoleBinding('system:discovery', 'system:discovery', ['system:authenticated']),
  clusterRoleBinding('system:public-info-viewer', 'system:public-info-viewer', [
    'system:authenticated',
    'system:unauthenticated',
  ]),
  clusterRoleBinding('system:service-account-issuer-discovery', 'system:service-account-issuer-discovery', [
    'system:serviceaccounts',
  ]),
];

function rule(
  verbs: readonly string[],
  apiGroups: readonly string[],
  resources: readonly string[],
): PolicyRule {
  return { apiGroups, resources, verbs };
}

function clusterRole(name: string, rules: readonly PolicyRule[]): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: LABELS, annotations: AUTOUPDATE },
    rules: structuredClone(rules),
  };
}

function clusterRoleBinding(name: string, role: string, groups: readonly string[]): KubeObject {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: LABELS, annotations: AUTOUPDATE },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: groups.map((group) => ({ apiGroup, kind: 'Group', name: group })),
  };
}
