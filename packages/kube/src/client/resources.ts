import { resource } from './resource.ts';

/* The built-in kinds that Flatland reads or writes. */
export const Namespace = resource('v1', 'Namespace', { plural: 'namespaces', scope: 'cluster' });
export const Node = resource('v1', 'Node', { plural: 'nodes', scope: 'cluster' });
export const Pod = resource('v1', 'Pod', { plural: 'pods', scope: 'namespace' });
export const Secret = resource('v1', 'Secret', { plural: 'secrets', scope: 'namespace' });
export const ConfigMap = resource('v1', 'ConfigMap', { plural: 'configmaps', scope: 'namespace' });
export const Service = resource('v1', 'Service', { plural: 'services', scope: 'namespace' });
export const ServiceAccount = resource('v1', 'ServiceAccount', {
  plural: 'serviceaccounts',
  scope: 'namespace',
});
export const Event = resource('v1', 'Event', { plural: 'events', scope: 'namespace' });
export const Deployment = resource('apps/v1', 'Deployment', { plural: 'deployments', scope: 'namespace' });
export const StatefulSet = resource('apps/v1', 'StatefulSet', { plural: 'statefulsets', scope: 'namespace' });
export const DaemonSet = resource('apps/v1', 'DaemonSet', { plural: 'daemonsets', scope: 'namespace' });
export const ReplicaSet = resource('apps/v1', 'ReplicaSet', { plural: 'replicasets', scope: 'namespace' });
export const Lease = resource('coordination.k8s.io/v1', 'Lease', { plural: 'leases', scope: 'namespace' });
export const EndpointSlice = resource('discovery.k8s.io/v1', 'EndpointSlice', {
  plural: 'endpointslices',
  scope: 'namespace',
});
export const NetworkPolicy = resource('networking.k8s.io/v1', 'NetworkPolicy', {
  plural: 'networkpolicies',
  scope: 'namespace',
});
export const ClusterRole = resource('rbac.authorization.k8s.io/v1', 'ClusterRole', {
  plural: 'clusterroles',
  scope: 'cluster',
});
export const ClusterRoleBinding = resource('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
  plural: 'clusterrolebindings',
  scope: 'cluster',
});
export const Role = resource('rbac.authorization.k8s.io/v1', 'Role', { plural: 'roles', scope: 'namespace' });
export const RoleBinding = resource('rbac.authorization.k8s.io/v1', 'RoleBinding', {
  plural: 'rolebindings',
  scope: 'namespace',
});
export const CustomResourceDefinition = resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
  plural: 'customresourcedefinitions',
  scope: 'cluster',
});
export const ValidatingAdmissionPolicy = resource(
  'admissionregistration.k8s.io/v1',
  'ValidatingAdmissionPolicy',
  { plural: 'validatingadmissionpolicies', scope: 'cluster' },
);
export const ValidatingAdmissionPolicyBinding = resource(
  'admissionregistration.k8s.io/v1',
  'ValidatingAdmissionPolicyBinding',
  { plural: 'validatingadmissionpolicybindings', scope: 'cluster' },
);
export const PodDisruptionBudget = resource('policy/v1', 'PodDisruptionBudget', {
  plural: 'poddisruptionbudgets',
  scope: 'namespace',
});

const FLATLAND = 'flatland.dev/v1alpha1';

/* Flatland's own kinds. */
export const Domain = resource(FLATLAND, 'Domain', { plural: 'domains', scope: 'cluster' });
export const Membership = resource(FLATLAND, 'Membership', { plural: 'memberships', scope: 'namespace' });
export const AddressBlock = resource(FLATLAND, 'AddressBlock', { plural: 'addressblocks', scope: 'cluster' });
export const NodePeer = resource(FLATLAND, 'NodePeer', { plural: 'nodepeers', scope: 'cluster' });
export const MemberSlice = resource(FLATLAND, 'MemberSlice', { plural: 'memberslices', scope: 'cluster' });
export const RemoteSlice = resource(FLATLAND, 'RemoteSlice', { plural: 'remoteslices', scope: 'cluster' });
export const ClusterLink = resource(FLATLAND, 'ClusterLink', { plural: 'clusterlinks', scope: 'cluster' });
export const Mesh = resource(FLATLAND, 'Mesh', { plural: 'meshes', scope: 'cluster' });
export const TrustDomain = resource(FLATLAND, 'TrustDomain', { plural: 'trustdomains', scope: 'cluster' });
export const AdmissionPolicy = resource(FLATLAND, 'AdmissionPolicy', {
  plural: 'admissionpolicies',
  scope: 'cluster',
});
export const JoinRequest = resource(FLATLAND, 'JoinRequest', { plural: 'joinrequests', scope: 'namespace' });
export const PartnerSlice = resource(FLATLAND, 'PartnerSlice', {
  plural: 'partnerslices',
  scope: 'namespace',
});
