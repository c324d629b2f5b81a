import type { ResourceDefinition, Subresource } from '../kinds/resource-definition.ts';

/** Parameters of writes; kubectl looks for `dryRun` and `fieldValidation` before it uses them. */
const WRITE_PARAMETERS = [
  query(
    'dryRun',
    'string',
    'When present, indicates that modifications should not be persisted. Valid values are: All',
  ),
  query(
    'fieldManager',
    'string',
    'fieldManager is a name associated with the actor or entity that is making these changes.',
  ),
  query('fieldValidation', 'string', 'What to do with unknown or duplicate fields: Ignore, Warn or Strict.'),
];
const FORCE = query(
  'force',
  'boolean',
  'Force is going to "force" Apply requests: the user takes fields that others own.',
);
const LIST_PARAMETERS = [
  query('allowWatchBookmarks', 'boolean', 'Asks for watch events of type BOOKMARK.'),
  query('continue', 'string', 'Where the last page ended.'),
  query('fieldSelector', 'string', 'Restricts the list by fields.'),
  query('labelSelector', 'string', 'Restricts the list by labels.'),
  query('limit', 'integer', 'Most items of one page.'),
  query('resourceVersion', 'string', 'What a list or watch may be served at or from.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion applies to lists: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'Begins a watch with the present objects and a bookmark.'),
  query('timeoutSeconds', 'integer', 'Ends a list or watch after so long.'),
  query('watch', 'boolean', 'Watches for changes instead of listing.'),
];
const DELETE_PARAMETERS = [
  WRITE_PARAMETERS[0],
  query('gracePeriodSeconds', 'integer', 'Seconds before the object is deleted.'),
  query('propagationPolicy', 'string', 'Orphan, Background or Foreground.'),
];

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** The paths of one resource, in the form of OpenAPI v3. */
export function resourcePaths(definition: ResourceDefinition): Record<string, object> {
  const base = basePath(definition);
  const collection = `${base}${definition.namespaced ? '/namespaces/{namespace}' : ''}/${definition.plural}`;
  const paths: Record<string, object> = {};
  const add = (path: string, item: object) => {
    if (Object.keys(item).length > 1) paths[path] = item;
  };
  if (definition.namespaced && definition.verbs.includes('list')) {
    paths[`${base}/${definition.plural}`] = { get: listOperation(definition, 'ForAllNamespaces') };
  }
  add(collection, collectionItem(definition));
  add(`${collection}/{name}`, objectItem(definition));
  for (const subresource of definition.subresources) {
    add(`${collection}/{name}/${subresource.name}`, subresourceItem(definition, subresource));
  }
  return paths;
}

function basePath({ group, version }: ResourceDefinition): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function collectionItem(definition: ResourceDefinition): object {
  const { verbs } = definition;
  return {
    ...(verbs.includes('list') && { get: listOperation(definition, '') }),
    ...(verbs.includes('create') && {
      post: operation(definition, 'create', 'post', {
        parameters: WRITE_PARAMETERS,
        body: definition.component,
      }),
    }),
    ...(verbs.includes('deletecollection') && {
      delete: operation(definition, 'deleteCollection', 'deletecollection', {
        parameters: [...DELETE_PARAMETERS, ...LIST_PARAMETERS],
        body: `${META}.DeleteOptions`,
        answer: `${META}.Status`,
      }),
    }),
    parameters: pathParameters(definition, false),
  };
}

function objectItem(definition: ResourceDefinition): object {
  const { verbs } = definition;
  return {
    ...(verbs.includes('get') && { get: operation(definition, 'read', 'get', {}) }),
    ...(verbs.includes('update') && {
      put: operation(definition, 'replace', 'put', {
        parameters: WRITE_PARAMETERS,
        body: definition.component,
      }),
    }),
    ...(verbs.includes('delete') && {
      delete: operation(definition, 'delete', 'delete', {
        parameters: DELETE_PARAMETERS,
        body: `${META}.DeleteOptions`,
        answer: `${META}.Status`,
      }),
    }),
    ...(verbs.includes('patch') && { patch: patchOperation(definition, '') }),
    parameters: pathParameters(definition, true),
  };
}

function subresourceItem(definition: ResourceDefinition, { name, verbs, ...other }: Subresource): object {
  const suffix = name[0]!.toUpperCase() + name.slice(1);
  const gvk =
    other.version === ''
      ? { group: definition.group, version: definition.version, kind: other.kind }
      : { group: other.group, version: other.version, kind: other.kind };
  const make = (action: string, method: string) => ({
    ...operation(definition, action, method, { parameters: WRITE_PARAMETERS, suffix }),
    'x-kubernetes-group-version-kind': gvk,
  });
  return {
    ...(verbs.includes('get') && { get: make('read', 'get') }),
    ...(verbs.includes('create') && { post: make('create', 'post') }),
    ...(verbs.includes('update') && { put: make('replace', 'put') }),
    ...(verbs.includes('patch') && {
      patch: { ...patchOperation(definition, suffix), 'x-kubernetes-group-version-kind': gvk },
    }),
    parameters: pathParameters(definition, true),
  };
}

function listOperation(definition: ResourceDefinition, suffix: string): object {
  return operation(definition, 'list', 'list', {
    parameters: LIST_PARAMETERS,
    answer: definition.component.replace(/[^.]*$/, definition.listKind),
    suffix,
  });
}

function patchOperation(definition: ResourceDefinition, suffix: string): object {
  const types = definition.builtin ? PATCH_TYPES : PATCH_TYPES.filter((type) => !type.includes('strategic'));
  return {
    ...operation(definition, 'patch', 'patch', { parameters: [...WRITE_PARAMETERS, FORCE], suffix }),
    requestBody: {
      content: Object.fromEntries(types.map((type) => [type, { schema: reference(`${META}.Patch`) }])),
      required: true,
    },
  };
}

interface OperationParts {
  readonly parameters?: readonly unknown[];
  readonly body?: string;
  readonly answer?: string;
  readonly suffix?: string;
}

function operation(
  definition: ResourceDefinition,
  action: string,
  kubernetesAction: string,
  { parameters = [], body, answer = definition.component, suffix = '' }: OperationParts,
): object {
  const { group, version, kind, namespaced } = definition;
  const groupName = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, ''))
    .split(/[.-]/)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
  const scope = namespaced && suffix !== 'ForAllNamespaces' ? 'Namespaced' : '';
  const versionName = version[0]!.toUpperCase() + version.slice(1);
  return {
    description: `${action} ${kind}`,
    operationId: `${action}${groupName}${versionName}${scope}${kind}${suffix}`,
    tags: [`${group === '' ? 'core' : group.replace(/\..*$/, '')}_${version}`],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        content: { '*/*': { schema: reference(body) } },
        ...((kubernetesAction === 'post' || kubernetesAction === 'put') && { required: true }),
      },
    }),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: reference(answer) } } },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': kubernetesAction,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function pathParameters({ namespaced }: ResourceDefinition, named: boolean): object[] {
  const parameter = (name: string, description: string) => ({
    name,
    in: 'path',
    description,
    required: true,
    schema: { type: 'string', uniqueItems: true },
  });
  return [
    ...(named ? [parameter('name', 'name of the object')] : []),
    ...(namespaced
      ? [parameter('namespace', 'object name and auth scope, such as for teams and projects')]
      : []),
    query('pretty', 'string', 'Has no effect.'),
  ];
}

function query(name: string, type: string, description: string): object {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

function reference(component: string): object {
  return { $ref: `#/components/schemas/${component}` };
}
