import type { ServerState } from '../rest/server-state.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import { badRequest } from '../status/status.ts';
import type { Attributes } from './authorizer.ts';
import { API_AUDIENCE } from './token-authority.ts';
import type { User } from './user.ts';

/** Fills in the status of a review: the kinds that are asked, answered and never stored. */
export function answerReview(kind: string, body: JsonObject, context: ReviewContext): JsonObject {
  const spec = isJsonObject(body['spec']) ? body['spec'] : {};
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(context.user) };
    case 'SelfSubjectAccessReview':
      return accessStatus(spec, context.user, context);
    case 'SubjectAccessReview':
      return accessStatus(spec, userOf(spec), context);
    case 'LocalSubjectAccessReview':
      return localAccessStatus(spec, context);
    case 'SelfSubjectRulesReview':
      return rulesStatus(spec, context);
    case 'TokenReview':
      return tokenStatus(spec, context);
    default:
      throw new Error(`no review ${kind}`);
  }
}

export interface ReviewContext {
  readonly state: Pick<ServerState, 'authorizer' | 'tokens'>;
  readonly user: User;
  /** Of the request's path. */
  readonly namespace: string;
}

/** `authentication.k8s.io/v1 UserInfo` */
export function userInfo({ username, uid, groups, extra }: User): JsonObject {
  return {
    username,
    ...(uid && { uid }),
    groups: [...groups],
    ...(extra && {
      extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])),
    }),
  };
}

function accessStatus(spec: JsonObject, user: User, { state }: ReviewContext): JsonObject {
  const { allowed, reason } = state.authorizer.authorize(user, attributesOf(spec));
  return { allowed, ...(reason && { reason }) };
}

function localAccessStatus(spec: JsonObject, context: ReviewContext): JsonObject {
  const asked = isJsonObject(spec['resourceAttributes']) ? spec['resourceAttributes'] : {};
  if (asked['namespace'] !== context.namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${context.namespace}`);
  }
  return accessStatus(spec, userOf(spec), context);
}

function attributesOf(spec: JsonObject): Attributes {
  const resource = spec['resourceAttributes'];
  const nonResource = spec['nonResourceAttributes'];
  if (isJsonObject(resource)) {
    return {
      isResource: true,
      verb: text(resource['verb']),
      group: text(resource['group']),
      resource: text(resource['resource']),
      subresource: text(resource['subresource']),
      namespace: text(resource['namespace']),
      name: text(resource['name']),
    };
  }
  if (isJsonObject(nonResource)) {
    return { isResource: false, verb: text(nonResource['verb']), path: text(nonResource['path']) };
  }
  throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
}

function userOf(spec: JsonObject): User {
  const username = text(spec['user']);
  const groups = strings(spec['groups']);
  if (username === '' && groups.length === 0)
    throw badRequest('at least one of user or group must be specified');
  return { username, uid: text(spec['uid']), groups };
}

function rulesStatus(spec: JsonObject, { state, user }: ReviewContext): JsonObject {
  const namespace = text(spec['namespace']);
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = state.authorizer.rulesFor(user, namespace);
  const copy = (list: readonly string[] | undefined) => (list && list.length > 0 ? [...list] : undefined);
  const resourceRules: JsonValue[] = [];
  const nonResourceRules: JsonValue[] = [];
  for (const rule of rules) {
    if (rule.resources?.length) {
      resourceRules.push(
        compact({
          verbs: [...rule.verbs],
          apiGroups: copy(rule.apiGroups),
          resources: copy(rule.resources),
          resourceNames: copy(rule.resourceNames),
        }),
      );
    }
    if (rule.nonResourceURLs?.length) {
      nonResourceRules.push({ verbs: [...rule.verbs], nonResourceURLs: [...rule.nonResourceURLs] });
    }
  }
  return { resourceRules, nonResourceRules, incomplete: false };
}

function tokenStatus(spec: JsonObject, { state }: ReviewContext): JsonObject {
  const token = text(spec['token']);
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = strings(spec['audiences']);
  const proved = state.tokens.authenticate(token, asked.length === 0 ? [API_AUDIENCE] : asked);
  if (!proved) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(proved.user), audiences: [...proved.audiences] };
}

function compact(object: Record<string, JsonValue | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject;
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
