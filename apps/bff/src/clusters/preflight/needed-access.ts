import { NAME_SERVERS } from '@flatland/shared/dns/name-server';
import type { Access } from '@flatland/kube/client/access-review';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import type { AccessPurpose } from '@flatland/shared/preflight/facts';
import { WRITABLE_KINDS } from '../../executor/writable-kinds.ts';
import { WATCHED_KINDS } from '../watched-kinds.ts';

/** One right that the console, or an install, needs. */
export type NeededAccess = Access & { readonly purpose: AccessPurpose };

/**
 * Every right that is asked for, one verb each: list and watch what the map is made of, write what change sets are
 * made of, reach agents, install, and wire the DNS.
 */
export const NEEDED_ACCESS: readonly NeededAccess[] = [
  ...WATCHED_KINDS.filter(({ optional }) => !optional).flatMap(({ type, namespace, fieldSelector }) =>
    ['list', 'watch'].map((verb) => ({
      purpose: 'read' as const,
      verb,
      group: type.group,
      resource: type.plural,
      ...(namespace === undefined ? {} : { namespace }),
      ...(fieldSelector === undefined ? {} : { name: fieldSelector.replace('metadata.name=', '') }),
    })),
  ),
  ...WRITABLE_KINDS.flatMap(({ group, plural }) =>
    ['create', 'delete', 'get', 'patch'].map((verb) => ({
      purpose: 'write' as const,
      verb,
      group,
      resource: plural,
    })),
  ),
  ...['create', 'get'].map((verb) => ({
    purpose: 'probe' as const,
    verb,
    group: '',
    resource: 'pods',
    subresource: 'proxy',
  })),
  ...installed().flatMap(({ group, resource }) =>
    ['create', 'patch'].map((verb) => ({ purpose: 'install' as const, verb, group, resource })),
  ),
  ...NAME_SERVERS.map((name) => ({
    purpose: 'dns' as const,
    verb: 'patch',
    group: '',
    resource: 'configmaps',
    namespace: 'kube-system',
    name,
  })),
];

/** Group and plural of each kind that an install makes. */
function installed(): { readonly group: string; readonly resource: string }[] {
  const images = { agent: '', controller: '', forwarder: '' };
  const kinds = installManifests({ cluster: 'any', images }).map(
    ({ apiVersion, kind }) => `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${plural(kind)}`,
  );
  return [...new Set(kinds)].toSorted().map((key) => {
    const [group = '', resource = ''] = key.split('/');
    return { group, resource };
  });
}

/** Plural of a built-in kind of an install, as the API names it. */
function plural(kind: string): string {
  return `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
}
