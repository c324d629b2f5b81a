import type { StructuralSchema } from '../../structural-schema.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { always, bool, bytes, foreign, int32, list, object, text } from '../shape.ts';

const api = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

const names = object(
  'Names of the resource.',
  {
    plural: text('Plural name, in paths.'),
    singular: text('Singular name.'),
    shortNames: list(text(''), 'Short names.'),
    kind: text('Kind, in CamelCase.'),
    listKind: text('Kind of lists.'),
    categories: list(text(''), 'Groups of resources that it belongs to, such as all.'),
  },
  { required: ['plural', 'kind'], component: `${api}.CustomResourceDefinitionNames` },
);

/** Names are empty in the status until they are accepted. */
const acceptedNames: StructuralSchema = {
  ...names,
  required: [],
  properties: {
    ...names.properties,
    plural: text('Plural name, in paths.', { default: '' }),
    kind: text('Kind, in CamelCase.', { default: '' }),
  },
};

const version = object(
  'A version of the resource.',
  {
    name: text('Name of the version.'),
    served: bool('Whether it is served.'),
    storage: bool('Whether objects are stored in it; exactly one is.'),
    deprecated: bool('Whether its use is warned of.'),
    deprecationWarning: text('What is told then.'),
    schema: object(
      'Schema of the version.',
      { openAPIV3Schema: foreign(`${api}.JSONSchemaProps`, 'OpenAPI v3 schema.') },
      { component: `${api}.CustomResourceValidation` },
    ),
    subresources: object(
      'Subresources of the version.',
      {
        status: foreign(`${api}.CustomResourceSubresourceStatus`, 'Serves status apart.'),
        scale: object(
          'Serves scale.',
          {
            specReplicasPath: text('JSON path of the wanted number.'),
            statusReplicasPath: text('JSON path of the number there is.'),
            labelSelectorPath: text('JSON path of the selector.'),
          },
          {
            required: ['specReplicasPath', 'statusReplicasPath'],
            component: `${api}.CustomResourceSubresourceScale`,
          },
        ),
      },
      { component: `${api}.CustomResourceSubresources` },
    ),
    additionalPrinterColumns: list(
      object(
        'A column.',
        {
          name: text('Heading.'),
          type: text('integer, number, string, boolean or date.'),
          format: text('Format of the type.'),
          description: text('What it shows.'),
          priority: int32('0 is always shown.'),
          jsonPath: text('JSON path of the value.'),
        },
        { required: ['name', 'type', 'jsonPath'], component: `${api}.CustomResourceColumnDefinition` },
      ),
      'Columns that kubectl get shows.',
    ),
    selectableFields: list(
      object(
        'A field.',
        { jsonPath: text('JSON path of the field.') },
        { required: ['jsonPath'], component: `${api}.SelectableField` },
      ),
      'Fields that field selectors may name.',
    ),
  },
  { required: ['name', 'served', 'storage'], component: `${api}.CustomResourceDefinitionVersion` },
);

const conversion = object(
  'How versions become each other.',
  {
    strategy: text('None or Webhook.'),
    webhook: object(
      'The webhook.',
      {
        clientConfig: object(
          'How it is called.',
          {
            url: text('URL.'),
            service: object(
              'A Service.',
              {
                namespace: text('Namespace.'),
                name: text('Name.'),
                path: text('Path.'),
                port: int32('Port.'),
              },
              { required: ['namespace', 'name'], component: `${api}.ServiceReference` },
            ),
            caBundle: bytes('Certificates that it is trusted by.'),
          },
          { component: `${api}.WebhookClientConfig` },
        ),
        conversionReviewVersions: list(text(''), 'Versions of the review that it knows.'),
      },
      { required: ['conversionReviewVersions'], component: `${api}.WebhookConversion` },
    ),
  },
  { required: ['strategy'], component: `${api}.CustomResourceConversion` },
);

export const customResourceDefinitionSchema: StructuralSchema = kindObject(
  `${api}.CustomResourceDefinition`,
  'A kind of object that the API serves beside its own.',
  {
    spec: always(
      object(
        'The kind.',
        {
          group: text('Group of the resource.'),
          names: always(names),
          scope: text('Cluster or Namespaced.'),
          versions: list(version, 'Versions of the resource.'),
          conversion,
          preserveUnknownFields: bool('Deprecated.'),
        },
        {
          required: ['group', 'names', 'scope', 'versions'],
          component: `${api}.CustomResourceDefinitionSpec`,
        },
      ),
    ),
    status: always(
      object(
        'What is served.',
        {
          conditions: conditionsOf(`${api}.CustomResourceDefinitionCondition`, {}, { patched: false }),
          acceptedNames: always(acceptedNames),
          storedVersions: list(text(''), 'Versions that objects were ever stored in.'),
        },
        { component: `${api}.CustomResourceDefinitionStatus` },
      ),
    ),
  },
  { required: ['spec'] },
);
