import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** A kind as the API serves it. `group` is empty for the core group. */
export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
};

/** Makes a resource of a group and version, for example `resource('apps/v1', 'Deployment', 'deployments')`. */
export function resource(
  apiVersion: string,
  kind: string,
  options: { plural: string; scope: 'cluster' | 'namespace' },
): Resource {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural: options.plural,
    kind,
    namespaced: options.scope === 'namespace',
  };
}

/** The `apiVersion` field of objects of this resource. */
export function apiVersionOf(type: Resource): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The URL path of a collection, an object or a subresource. Every name is one path segment: a name that could
 * change the path (`..`, a slash, a percent sign, empty) is refused with a text for people.
 */
export function resourcePath(
  type: Resource,
  where: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): Result<string, string> {
  const segments = type.group === '' ? ['api', type.version] : ['apis', type.group, type.version];
  if (where.namespace !== undefined && type.namespaced) segments.push('namespaces', where.namespace);
  if (where.name !== undefined && type.namespaced && where.namespace === undefined) {
    return err(`${type.kind} ${where.name} needs a namespace`);
  }
  segments.push(type.plural);
  if (where.name !== undefined) segments.push(where.name);
  if (where.subresource !== undefined) segments.push(where.subresource);
  for (const segment of segments) {
    if (!isPathSegment(segment)) return err(`${JSON.stringify(segment)} cannot be part of an object's path`);
  }
  return ok('/' + segments.map(encodeURIComponent).join('/'));
}

/** Kubernetes' rule for names in paths (`path.IsValidPathSegmentName`), and not empty, of at most 253 bytes. */
export function isPathSegment(name: string): boolean {
  return name !== '' && name.length <= 253 && name !== '.' && name !== '..' && !/[/%\p{Cc}]/u.test(name);
}
