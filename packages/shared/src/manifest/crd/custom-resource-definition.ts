import { OWNER_LABEL, OWNER_LABEL_VALUE, type KubernetesObject } from '../../model/kubernetes-object.ts';
import { FLATLAND_KINDS, type KindDefinition } from './kinds.ts';
import { structuralSchema, type OpenApiSchema } from './structural.ts';

const GROUP = 'flatland.dev';

/** The CustomResourceDefinitions of all of Flatland's own kinds, sorted by kind. */
export function customResourceDefinitions(): KubernetesObject[] {
  return FLATLAND_KINDS.map(customResourceDefinition);
}

function customResourceDefinition(definition: KindDefinition): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${GROUP}`, labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } },
    spec: {
      group: GROUP,
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural: definition.plural,
        singular: definition.kind.toLowerCase(),
        categories: ['flatland'],
        ...(definition.shortNames.length > 0 && { shortNames: definition.shortNames }),
      },
      scope: definition.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            ...definition.columns,
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  };
}

function rootSchema(definition: KindDefinition): OpenApiSchema {
  const properties = structuralSchema(definition.schema)['properties'] as Record<string, OpenApiSchema>;
  const { spec, status } = properties;
  return {
    type: 'object',
    description: definition.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object' },
      kind: { type: 'string', description: 'Kind of this object' },
      metadata: { type: 'object' },
      spec,
      ...(status !== undefined && { status }),
    },
  };
}
