import type { CrdVersion } from '../crd/crd-object.ts';
import { kubernetesComponents } from '../kinds/component-schemas.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { JsonObject } from '../schema/json.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const PREFIX = '#/components/schemas/';

/** The components that documents of a group and version need, with all that they refer to, sorted by name. */
export function componentsFor(
  definitions: readonly ResourceDefinition[],
  crdVersionOf: (definition: ResourceDefinition) => CrdVersion | undefined,
): Record<string, JsonObject> {
  const known = kubernetesComponents();
  const found = new Map<string, JsonObject>();
  const wanted: string[] = [`${META}.DeleteOptions`, `${META}.Patch`, `${META}.Status`];
  for (const definition of definitions) {
    if (definition.builtin) {
      const list = definition.component.replace(/[^.]*$/, definition.listKind);
      wanted.push(definition.component, ...(list in known ? [list] : []));
      for (const { kind, group, version } of definition.subresources) {
        if (version !== '') wanted.push(`io.k8s.api.${group.replace(/\..*$/, '')}.${version}.${kind}`);
      }
    } else {
      for (const [name, component] of customComponents(definition, crdVersionOf(definition))) {
        found.set(name, component);
        collectReferences(component, wanted);
      }
    }
  }
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const component = known[name];
    if (found.has(name) || !component) continue;
    found.set(name, component);
    collectReferences(component, wanted);
  }
  return Object.fromEntries([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function customComponents(
  definition: ResourceDefinition,
  version: CrdVersion | undefined,
): [string, JsonObject][] {
  const { group, version: name, kind, listKind, component } = definition;
  const source = version?.schema?.openAPIV3Schema ?? { type: 'object' };
  const gvk = (kindName: string) => [{ group, kind: kindName, version: name }];
  const meta = typeMeta();
  const properties = { ...(source['properties'] as JsonObject | undefined), ...meta };
  const single: JsonObject = {
    ...source,
    properties: {
      ...properties,
      metadata: {
        description:
          "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
        allOf: [{ $ref: `${PREFIX}${META}.ObjectMeta` }],
      },
    },
    'x-kubernetes-group-version-kind': gvk(kind),
  };
  const list: JsonObject = {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...meta,
      items: {
        description: `List of ${definition.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: { $ref: `${PREFIX}${component}` },
      },
      metadata: {
        description:
          'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        allOf: [{ $ref: `${PREFIX}${META}.ListMeta` }],
      },
    },
    'x-kubernetes-group-version-kind': gvk(listKind),
  };
  return [
    [component, single],
    [component.replace(/[^.]*$/, listKind), list],
  ];
}

function typeMeta(): JsonObject {
  return {
    apiVersion: {
      description:
        'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
      type: 'string',
    },
    kind: {
      description:
        'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
      type: 'string',
    },
  };
}

function collectReferences(value: unknown, into: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') into.push(child.slice(PREFIX.length));
    else collectReferences(child, into);
  }
}
