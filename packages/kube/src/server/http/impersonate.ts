import type { IncomingMessage } from 'node:http';
import type { Authorizer } from '../auth/authorizer.ts';
import type { User } from '../auth/user.ts';
import { AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP } from '../auth/user.ts';
import { badRequest, forbidden } from '../status/status.ts';

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/**
 * The user that a request acts as: its own, or the one of its `Impersonate-*` headers where it may
 * (Kubernetes "User impersonation").
 *
 * @throws StatusError 403, or 400 for groups without a user
 */
export function actingUser(user: User, request: IncomingMessage, authorizer: Authorizer): User {
  const name = request.headersDistinct['impersonate-user']?.[0] ?? '';
  const groups = request.headersDistinct['impersonate-group'] ?? [];
  const uid = request.headersDistinct['impersonate-uid']?.[0] ?? '';
  const extra = extraOf(request);
  if (name === '') {
    if (groups.length > 0 || uid !== '' || Object.keys(extra).length > 0) {
      throw badRequest('requested groups, uid or extra without impersonating a user');
    }
    return user;
  }
  const account = accountOf(name);
  if (account)
    requireRight(authorizer, user, {
      resource: 'serviceaccounts',
      namespace: account.namespace,
      name: account.name,
    });
  else requireRight(authorizer, user, { resource: 'users', name });
  for (const group of groups) requireRight(authorizer, user, { resource: 'groups', name: group });
  if (uid !== '')
    requireRight(authorizer, user, { group: 'authentication.k8s.io', resource: 'uids', name: uid });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      requireRight(authorizer, user, {
        group: 'authentication.k8s.io',
        resource: 'userextras',
        subresource: key,
        name: value,
      });
    }
  }
  const known =
    groups.length > 0 || !account
      ? groups
      : ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  return {
    username: name,
    groups: withAuthenticated(known),
    ...(uid !== '' && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

interface Wanted {
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

function requireRight(
  authorizer: Authorizer,
  user: User,
  { group = '', resource, subresource = '', namespace = '', name }: Wanted,
): void {
  const { allowed } = authorizer.authorize(user, {
    isResource: true,
    verb: 'impersonate',
    group,
    resource,
    subresource,
    namespace,
    name,
  });
  if (allowed) return;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  throw forbidden(
    { group, name: resource },
    name,
    `User ${JSON.stringify(user.username)} cannot impersonate resource ${JSON.stringify(combined)} in API group ${JSON.stringify(group)} ${where}`,
  );
}

function accountOf(name: string): { namespace: string; name: string } | undefined {
  if (!name.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace, account, ...rest] = name.slice(ACCOUNT_PREFIX.length).split(':');
  return namespace && account && rest.length === 0 ? { namespace, name: account } : undefined;
}

function withAuthenticated(groups: readonly string[]): string[] {
  const decided = groups.some((group) => group === AUTHENTICATED_GROUP || group === UNAUTHENTICATED_GROUP);
  return decided ? [...groups] : [...groups, AUTHENTICATED_GROUP];
}

function extraOf({ headersDistinct }: IncomingMessage): Record<string, string[]> {
  const prefix = 'impersonate-extra-';
  const found: [string, string[]][] = [];
  for (const [header, values] of Object.entries(headersDistinct)) {
    if (header.startsWith(prefix) && values) found.push([decodeSafely(header.slice(prefix.length)), values]);
  }
  return Object.fromEntries(found);
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
