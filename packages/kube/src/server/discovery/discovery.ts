import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { apiVersionOf } from '../model/kube-object.ts';

/** `/api` */
export function apiVersions(): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

/** `/apis` */
export function apiGroupList(definitions: readonly ResourceDefinition[]): object {
  const groups = groupNames(definitions).filter((group) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map((group) => apiGroup(definitions, group)),
  };
}

/** `/apis/GROUP`; undefined when nothing of it is served. */
export function groupOf(definitions: readonly ResourceDefinition[], group: string): object | undefined {
  if (!definitions.some((definition) => definition.group === group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(definitions, group) };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when nothing of it is served. */
export function apiResources(
  definitions: readonly ResourceDefinition[],
  group: string,
  version: string,
): object | undefined {
  const served = definitions.filter(
    (definition) => definition.group === group && definition.version === version,
  );
  if (served.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(group, version),
    resources: served.flatMap((definition) => [mainResource(definition), ...subresourcesOf(definition)]),
  };
}

/** `/apis` as an `APIGroupDiscoveryList`. */
export function aggregatedDiscovery(definitions: readonly ResourceDefinition[], version: string): object {
  const groups = groupNames(definitions).filter((group) => group !== '');
  return discoveryList(
    version,
    groups.map((group) => discoveredGroup(definitions, group)),
  );
}

/** `/api` as an `APIGroupDiscoveryList`. */
export function coreDiscovery(definitions: readonly ResourceDefinition[], version: string): object {
  return discoveryList(version, [discoveredGroup(definitions, '')]);
}

function discoveryList(version: string, items: object[]): object {
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function discoveredGroup(definitions: readonly ResourceDefinition[], group: string): object {
  return {
    metadata: { ...(group !== '' && { name: group }), creationTimestamp: null },
    versions: versionsOf(definitions, group).map((version) => ({
      version,
      resources: definitions
        .filter((definition) => definition.group === group && definition.version === version)
        .map(discoveredResource),
      freshness: 'Current',
    })),
  };
}

function discoveredResource(definition: ResourceDefinition): object {
  const { plural, kind, namespaced, singular, verbs, shortNames, categories, subresources } = definition;
  return {
    resource: plural,
    responseKind: { group: definition.group, version: definition.version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((subresource) => ({
        subresource: subresource.name,
        responseKind: {
          group: subresource.version === '' ? definition.group : subresource.group,
          version: subresource.version === '' ? definition.version : subresource.version,
          kind: subresource.kind,
        },
        verbs: subresource.verbs,
      })),
    }),
  };
}

function mainResource({
  plural,
  singular,
  namespaced,
  kind,
  verbs,
  shortNames,
  categories,
}: ResourceDefinition): object {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
  };
}

function subresourcesOf({ plural, namespaced, subresources }: ResourceDefinition): object[] {
  return subresources.map(({ name, group, version, kind, verbs }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(version !== '' && { group, version }),
    kind,
    verbs,
  }));
}

function apiGroup(definitions: readonly ResourceDefinition[], group: string): object {
  const versions = versionsOf(definitions, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function groupNames(definitions: readonly ResourceDefinition[]): string[] {
  return [...new Set(definitions.map(({ group }) => group))].sort();
}

function versionsOf(definitions: readonly ResourceDefinition[], group: string): string[] {
  return [
    ...new Set(definitions.filter((definition) => definition.group === group).map(({ version }) => version)),
  ].sort();
}
