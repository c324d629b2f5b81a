import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes the schemas of the built-in kinds that the embedded server serves out of Kubernetes' own OpenAPI v3
 * documents (Apache-2.0), whole and unchanged, with everything that they refer to.
 *
 *   node bin/import-kubernetes-schemas.ts $(go list -m -f '{{.Dir}}' k8s.io/kubernetes@v1.32.13)/api/openapi-spec/v3
 */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  api__v1: [
    'Binding',
    'ConfigMap',
    'Endpoints',
    'Event',
    'Namespace',
    'Node',
    'Pod',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apis__admissionregistration.k8s.io__v1': ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  'apis__apiextensions.k8s.io__v1': ['CustomResourceDefinition'],
  apis__apps__v1: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'apis__authentication.k8s.io__v1': ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  'apis__authorization.k8s.io__v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  apis__autoscaling__v1: ['Scale'],
  'apis__coordination.k8s.io__v1': ['Lease'],
  'apis__discovery.k8s.io__v1': ['EndpointSlice'],
  'apis__events.k8s.io__v1': ['Event'],
  'apis__networking.k8s.io__v1': ['NetworkPolicy'],
  'apis__networking.k8s.io__v1beta1': ['IPAddress'],
  apis__policy__v1: ['Eviction', 'PodDisruptionBudget'],
  'apis__rbac.authorization.k8s.io__v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'apis__scheduling.k8s.io__v1': ['PriorityClass'],
};

/** Components that are wanted though no kind above refers to them. */
const ALSO = new Set([
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch',
]);

interface Component {
  'x-kubernetes-group-version-kind'?: { kind: string }[];
}

const source = process.argv[2];
if (source === undefined) throw new Error('say which folder holds the OpenAPI v3 documents');

const found = new Map<string, Component>();
for (const [document, kinds] of Object.entries(KINDS)) {
  const text = readFileSync(join(source, `${document}_openapi.json`), 'utf8');
  const components = (JSON.parse(text) as { components: { schemas: Record<string, Component> } }).components
    .schemas;
  const wanted = Object.keys(components).filter(
    (name) =>
      ALSO.has(name) ||
      (name.startsWith('io.k8s.') && isWanted(components[name]!, kinds) && !name.includes('.meta.')),
  );
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    found.set(name, components[name]!);
    collectReferences(components[name], wanted);
  }
}

const lines = [...found.keys()].sort().map((name) => JSON.stringify([name, found.get(name)]));
writeFileSync(
  new URL('../src/server/kinds/kubernetes-v1.32-schemas.jsonl', import.meta.url),
  `${lines.join('\n')}\n`,
);

function isWanted(component: Component, kinds: readonly string[]): boolean {
  const served = component['x-kubernetes-group-version-kind'] ?? [];
  return served.some(({ kind }) => kinds.some((wanted) => kind === wanted || kind === `${wanted}List`));
}

function collectReferences(value: unknown, into: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') into.push(child.slice('#/components/schemas/'.length));
    else collectReferences(child, into);
  }
}
