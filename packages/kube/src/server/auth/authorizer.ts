import type { StoreReader } from '../storage/store.ts';
import type { StoreEvent } from '../storage/record.ts';
import type { User } from './user.ts';
import { MASTERS_GROUP } from './user.ts';

/** What somebody wants to do (authorizer `Attributes`). */
export type Attributes =
  | {
      readonly isResource: true;
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly isResource: false; readonly verb: string; readonly path: string };

/** `rbac.authorization.k8s.io/v1 PolicyRule` */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Grant {
  readonly subjects: readonly Subject[];
  readonly rules: readonly PolicyRule[];
  /** Who grants it, for people. */
  readonly reason: string;
}

const RBAC = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
  (plural) => `${plural}.rbac.authorization.k8s.io`,
);

/** Decides by the Role, ClusterRole and binding objects as they stand; `system:masters` passes always. */
export class Authorizer {
  readonly #reader: StoreReader;
  #grants = new Map<string, readonly Grant[]>();

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** Forgets what was derived from objects that changed. Call it after each commit. */
  noticeChanges(events: readonly StoreEvent[]): void {
    if (events.some(({ record }) => RBAC.includes(record.resource))) this.#grants = new Map();
  }

  authorize(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { allowed: true, reason: '' };
    const scopes = attributes.isResource && attributes.namespace !== '' ? ['', attributes.namespace] : [''];
    for (const scope of scopes) {
      for (const grant of this.#grantsIn(scope)) {
        if (!grant.subjects.some((subject) => isSubject(user, subject))) continue;
        if (grant.rules.some((rule) => ruleAllows(rule, attributes)))
          return { allowed: true, reason: grant.reason };
      }
    }
    return { allowed: false, reason: '' };
  }

  /** The rules that hold for somebody in a namespace ('' for the whole cluster). */
  rulesFor(user: User, namespace: string): PolicyRule[] {
    const everything: PolicyRule[] = user.groups.includes(MASTERS_GROUP)
      ? [
          { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
          { verbs: ['*'], nonResourceURLs: ['*'] },
        ]
      : [];
    const scopes = namespace === '' ? [''] : ['', namespace];
    const granted = scopes
      .flatMap((scope) => this.#grantsIn(scope))
      .filter(({ subjects }) => subjects.some((subject) => isSubject(user, subject)));
    return [...everything, ...granted.flatMap(({ rules }) => rules)];
  }

  /** The rules of a role that a binding refers to; undefined when there is no such role. */
  rulesOf(roleKind: string, name: string, namespace: string): PolicyRule[] | undefined {
    const key =
      roleKind === 'ClusterRole'
        ? { resource: 'clusterroles.rbac.authorization.k8s.io', namespace: '', name }
        : { resource: 'roles.rbac.authorization.k8s.io', namespace, name };
    const role = this.#reader.get(key)?.object;
    return role && ((role['rules'] as PolicyRule[] | null | undefined) ?? []);
  }

  #grantsIn(namespace: string): readonly Grant[] {
    let grants = this.#grants.get(namespace);
    if (grants) return grants;
    const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
    const resource = `${kind.toLowerCase()}s.rbac.authorization.k8s.io`;
    grants = this.#reader.list(resource, namespace === '' ? undefined : namespace).map(({ object }) => {
      const ref = object['roleRef'] as { kind: string; name: string };
      const where = namespace === '' ? object.metadata.name : `${object.metadata.name}/${namespace}`;
      return {
        subjects: (object['subjects'] as Subject[] | null | undefined) ?? [],
        rules: this.rulesOf(ref.kind, ref.name, namespace) ?? [],
        reason: `RBAC: allowed by ${kind} ${JSON.stringify(where)} of ${ref.kind} ${JSON.stringify(ref.name)}`,
      };
    });
    this.#grants.set(namespace, grants);
    return grants;
  }
}

/** Whether a rule covers what is wanted (`rbac.RuleAllows`). */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource)
    return (rule.nonResourceURLs ?? []).some((url) => coversPath(url, attributes.path));
  const { group, resource, subresource, name } = attributes;
  if (!includes(rule.apiGroups, group)) return false;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  const covers =
    includes(resources, combined) || (subresource !== '' && resources.includes(`*/${subresource}`));
  if (!covers) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function includes(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

function coversPath(pattern: string, path: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function isSubject(user: User, { kind, name, namespace }: Subject): boolean {
  if (kind === 'User') return user.username === name;
  if (kind === 'Group') return user.groups.includes(name);
  return kind === 'ServiceAccount' && user.username === `system:serviceaccount:${namespace ?? ''}:${name}`;
}
