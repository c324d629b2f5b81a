import { matcherOf } from '../selector/label-selector.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { MatchResources, ResourceRule } from './policy-object.ts';

/** Labels of the namespace that a request is in; undefined at cluster scope. */
export type NamespaceLabels = Readonly<Record<string, string>> | undefined;

/** Whether a request is one that a policy or binding is about. Absent constraints are about every request. */
export function matchesRequest(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  labels: NamespaceLabels,
): boolean {
  if (!match) return true;
  const { resourceRules, excludeResourceRules = [], namespaceSelector, objectSelector } = match;
  if (namespaceSelector && labels && !matcherOf(namespaceSelector)(labels)) return false;
  if (objectSelector && !matchesEither(objectSelector, request)) return false;
  if (excludeResourceRules.some((rule) => ruleMatches(rule, request))) return false;
  return (
    !resourceRules || resourceRules.length === 0 || resourceRules.some((rule) => ruleMatches(rule, request))
  );
}

function matchesEither(selector: object, { object, oldObject }: AdmissionRequest): boolean {
  const fits = matcherOf(selector);
  return [object, oldObject].some(
    (candidate) => candidate !== undefined && fits(candidate.metadata.labels ?? {}),
  );
}

function ruleMatches(
  rule: ResourceRule,
  { operation, definition, subresource, namespace, name }: AdmissionRequest,
): boolean {
  const { scope = '*', resourceNames = [] } = rule;
  if (scope === 'Cluster' && namespace !== '') return false;
  if (scope === 'Namespaced' && namespace === '') return false;
  if (resourceNames.length > 0 && !resourceNames.includes(name)) return false;
  return (
    holds(rule.operations, operation) &&
    holds(rule.apiGroups, definition.group) &&
    holds(rule.apiVersions, definition.version) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, definition.plural, subresource))
  );
}

function holds(list: readonly string[] = [], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** `*` is every resource without subresources, `*` with a slash and `*` every one with them. */
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wantedResource = '', wantedSub = ''] = pattern.split('/');
  const fitsResource = wantedResource === '*' || wantedResource === resource;
  return fitsResource && (wantedSub === '*' || wantedSub === subresource);
}
