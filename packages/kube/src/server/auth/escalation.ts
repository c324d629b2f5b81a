import { forbidden } from '../status/status.ts';
import type { Authorizer, PolicyRule } from './authorizer.ts';
import type { User } from './user.ts';

/** A role or binding that somebody wants to write. */
export interface GrantRequest {
  readonly authorizer: Authorizer;
  readonly user: User;
  /** `roles`, `clusterroles`, `rolebindings` or `clusterrolebindings`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Refuses rules that the user does not have, unless the user may escalate (Kubernetes "Privilege escalation
 * prevention and bootstrapping").
 *
 * @throws StatusError 403
 */
export function confirmRole(request: GrantRequest, rules: readonly PolicyRule[]): void {
  if (mayAlso(request, 'escalate')) return;
  confirmRules(request, rules);
}

/**
 * Refuses a binding to a role whose rules the user does not have, unless the user may bind that role.
 *
 * @throws StatusError 403
 */
export function confirmBinding(request: GrantRequest, roleRef: { kind: string; name: string }): void {
  const { authorizer, namespace } = request;
  const isCluster = roleRef.kind === 'ClusterRole';
  const resource = isCluster ? 'clusterroles' : 'roles';
  if (mayAlso({ ...request, resource, name: roleRef.name }, 'bind')) return;
  const rules = authorizer.rulesOf(roleRef.kind, roleRef.name, namespace);
  if (!rules) {
    throw forbiddenGrant(request, `${resource}.${GROUP} ${JSON.stringify(roleRef.name)} not found`);
  }
  confirmRules(request, rules);
}

/** The single rules of `wanted` that no rule of `held` covers. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((rule) => !held.some((owned) => covers(owned, rule)));
}

function confirmRules(request: GrantRequest, rules: readonly PolicyRule[]): void {
  const { authorizer, user, namespace } = request;
  const missing = missingRules(authorizer.rulesFor(user, namespace), rules);
  if (missing.length === 0) return;
  const groups = `[${user.groups.map((group) => JSON.stringify(group)).join(' ')}]`;
  const listed = [...new Set(missing.map(describe))].sort().join('\n');
  throw forbiddenGrant(
    request,
    `user ${JSON.stringify(user.username)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${listed}`,
  );
}

function mayAlso({ authorizer, user, resource, namespace, name }: GrantRequest, verb: string): boolean {
  return authorizer.authorize(user, {
    isResource: true,
    verb,
    group: GROUP,
    resource,
    subresource: '',
    namespace,
    name,
  }).allowed;
}

function forbiddenGrant({ resource, name }: GrantRequest, why: string) {
  return forbidden({ group: GROUP, name: resource }, name, why);
}

function breakDown({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule) {
  const single: PolicyRule[] = [];
  const names: (readonly string[])[] =
    resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name]);
  for (const verb of verbs) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        for (const one of names) {
          single.push({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: one });
        }
      }
    }
    for (const url of nonResourceURLs) single.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return single;
}

function covers(held: PolicyRule, wanted: PolicyRule): boolean {
  if (!hasAll(held.verbs, wanted.verbs)) return false;
  if (wanted.nonResourceURLs) {
    return wanted.nonResourceURLs.every((url) =>
      (held.nonResourceURLs ?? []).some((pattern) => coversUrl(pattern, url)),
    );
  }
  if (!hasAll(held.apiGroups ?? [], wanted.apiGroups ?? [])) return false;
  const heldResources = held.resources ?? [];
  const fits = (wanted.resources ?? []).every((resource) => {
    const slash = resource.indexOf('/');
    return (
      hasAll(heldResources, [resource]) || (slash > 0 && heldResources.includes(`*${resource.slice(slash)}`))
    );
  });
  const names = held.resourceNames ?? [];
  const wantedNames = wanted.resourceNames ?? [];
  return (
    fits &&
    (names.length === 0 || (wantedNames.length > 0 && wantedNames.every((name) => names.includes(name))))
  );
}

function hasAll(held: readonly string[], wanted: readonly string[]): boolean {
  return held.includes('*') || wanted.every((value) => held.includes(value));
}

function coversUrl(pattern: string, url: string): boolean {
  return pattern === url || (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1)));
}

/** `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`, as Kubernetes prints a rule. */
function describe({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const part = (label: string, values: readonly string[] | undefined) =>
    values && values.length > 0
      ? [`${label}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`]
      : [];
  const parts = [
    ...part('APIGroups', apiGroups),
    ...part('Resources', resources),
    ...part('ResourceNames', resourceNames),
    ...part('NonResourceURLs', nonResourceURLs),
    ...part('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}
