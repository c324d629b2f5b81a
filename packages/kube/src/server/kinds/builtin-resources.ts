import { componentSchema } from './component-schemas.ts';
import type { ResourceDefinition, ScalePaths, Strategy, Subresource, Verb } from './resource-definition.ts';
import { ALL_VERBS } from './resource-definition.ts';
import { findBuiltinKind } from '../schema/builtin/registry.ts';
import { DEFAULT_COLUMNS } from '../table/builtin-columns.ts';
import { POD_COLUMNS } from '../table/pod-columns.ts';
import { behaviourOf, columnsOf } from './builtin-behaviour.ts';
import { selectableFieldsOf } from './selectable-fields.ts';
import { strategyOf } from './strategies.ts';

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly cluster?: true;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly status?: true;
  readonly scale?: true;
  readonly more?: readonly Subresource[];
  readonly verbs?: readonly Verb[];
  readonly generation?: true;
  /** Go package of the type, where it is not `io.k8s.api.GROUP.VERSION`. */
  readonly package?: string;
}

const READ_WRITE = ['get', 'patch', 'update'];

const POD_SUBRESOURCES: readonly Subresource[] = [
  sub('attach', 'PodAttachOptions', ['create', 'get']),
  sub('binding', 'Binding', ['create']),
  { ...sub('eviction', 'Eviction', ['create']), group: 'policy', version: 'v1' },
  sub('exec', 'PodExecOptions', ['create', 'get']),
  sub('log', 'Pod', ['get']),
  sub('portforward', 'PodPortForwardOptions', ['create', 'get']),
  sub('proxy', 'PodProxyOptions', ['create', 'delete', 'get', 'patch', 'update']),
].filter(({ name }) => name !== 'attach' && name !== 'portforward');

const TOKEN: Subresource = {
  name: 'token',
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  verbs: ['create'],
};

const REVIEW: readonly Verb[] = ['create'];
const API_EXTENSIONS = ['api-extensions'];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'] },
    { kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
    { kind: 'Event', plural: 'events', short: ['ev'] },
    {
      kind: 'Namespace',
      plural: 'namespaces',
      cluster: true,
      short: ['ns'],
      status: true,
      more: [sub('finalize', 'Namespace', ['update'])],
      verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
    },
    { kind: 'Node', plural: 'nodes', cluster: true, short: ['no'], status: true },
    {
      kind: 'Pod',
      plural: 'pods',
      short: ['po'],
      categories: ['all'],
      status: true,
      generation: true,
      more: POD_SUBRESOURCES,
    },
    { kind: 'Secret', plural: 'secrets' },
    { kind: 'ServiceAccount', plural: 'serviceaccounts', short: ['sa'], more: [TOKEN] },
    { kind: 'Service', plural: 'services', short: ['svc'], categories: ['all'], status: true },
  ],
  'admissionregistration.k8s.io/v1': [
    {
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      cluster: true,
      categories: API_EXTENSIONS,
      status: true,
      generation: true,
    },
    {
      kind: 'ValidatingAdmissionPolicyBinding',
      plural: 'validatingadmissionpolicybindings',
      cluster: true,
      categories: API_EXTENSIONS,
      generation: true,
    },
  ],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      cluster: true,
      short: ['crd', 'crds'],
      categories: API_EXTENSIONS,
      status: true,
      generation: true,
      package: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    },
  ],
  'apps/v1': [
    { kind: 'ControllerRevision', plural: 'controllerrevisions' },
    {
      kind: 'DaemonSet',
      plural: 'daemonsets',
      short: ['ds'],
      categories: ['all'],
      status: true,
      generation: true,
    },
    {
      kind: 'Deployment',
      plural: 'deployments',
      short: ['deploy'],
      categories: ['all'],
      status: true,
      scale: true,
      generation: true,
    },
    {
      kind: 'ReplicaSet',
      plural: 'replicasets',
      short: ['rs'],
      categories: ['all'],
      status: true,
      scale: true,
      generation: true,
    },
    {
      kind: 'StatefulSet',
      plural: 'statefulsets',
      short: ['sts'],
      categories: ['all'],
      status: true,
      scale: true,
      generation: true,
    },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', cluster: true, verbs: REVIEW },
    { kind: 'TokenReview', plural: 'tokenreviews', cluster: true, verbs: REVIEW },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', verbs: REVIEW },
    { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', cluster: true, verbs: REVIEW },
    { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', cluster: true, verbs: REVIEW },
    { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', cluster: true, verbs: REVIEW },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease', plural: 'leases' }],
  'discovery.k8s.io/v1': [{ kind: 'EndpointSlice', plural: 'endpointslices', generation: true }],
  'networking.k8s.io/v1': [
    { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], generation: true },
  ],
  'networking.k8s.io/v1beta1': [
    { kind: 'IPAddress', plural: 'ipaddresses', cluster: true, short: ['ip'], generation: true },
  ],
  'policy/v1': [
    {
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      short: ['pdb'],
      status: true,
      generation: true,
    },
  ],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', cluster: true },
    { kind: 'ClusterRole', plural: 'clusterroles', cluster: true },
    { kind: 'RoleBinding', plural: 'rolebindings' },
    { kind: 'Role', plural: 'roles' },
  ],
  'scheduling.k8s.io/v1': [
    { kind: 'PriorityClass', plural: 'priorityclasses', cluster: true, short: ['pc'], generation: true },
  ],
};

const SCALE_PATHS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['spec', 'selector'],
};

/** The built-in resources, sorted by group and resource. */
export function builtinResources(): ResourceDefinition[] {
  return Object.entries(ROWS).flatMap(([apiVersion, rows]) =>
    rows.map((row) => defineBuiltin(apiVersion, row)),
  );
}

function defineBuiltin(apiVersion: string, row: Row): ResourceDefinition {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const component = `${row.package ?? goPackage(group, version)}.${row.kind}`;
  const kind = findBuiltinKind(group, version, row.kind);
  const strategy: Strategy = behaviourOf(kind, strategyOf(row.kind));
  return {
    group,
    version,
    kind: row.kind,
    listKind: `${row.kind}List`,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced: row.cluster !== true,
    verbs: row.verbs ?? ALL_VERBS,
    subresources: subresourcesOf(row),
    schema: componentSchema(component),
    builtin: true,
    component,
    nameRule: kind?.nameRule ?? 'dns-subdomain',
    hasGeneration: row.generation === true,
    ...(row.scale && { scale: SCALE_PATHS }),
    ...(kind?.statusResets && { statusResets: kind.statusResets }),
    columns: row.kind === 'Pod' ? POD_COLUMNS : kind ? columnsOf(kind) : DEFAULT_COLUMNS,
    selectableFields: selectableFieldsOf(row.kind),
    strategy,
  };
}

function subresourcesOf(row: Row): Subresource[] {
  const found: Subresource[] = [...(row.more ?? [])];
  if (row.status) found.push(sub('status', row.kind, READ_WRITE));
  if (row.scale)
    found.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: READ_WRITE });
  return found.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function sub(name: string, kind: string, verbs: readonly string[]): Subresource {
  return { name, group: '', version: '', kind, verbs };
}

function goPackage(group: string, version: string): string {
  const short = group === '' ? 'core' : group.replace(/\..*$/, '');
  return `io.k8s.api.${short}.${version}`;
}
