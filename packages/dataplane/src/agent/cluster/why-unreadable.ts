import { zDomain } from '@flatland/shared/model/domain';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { zMembership } from '@flatland/shared/model/membership';
import { zNodePeer } from '@flatland/shared/model/node-peer';
import { zRemoteSlice } from '@flatland/shared/model/remote-slice';

/** Kinds that a node's members hang on. */
const SCHEMAS = { Domain: zDomain, Membership: zMembership, NodePeer: zNodePeer, RemoteSlice: zRemoteSlice };

/** The field at fault and what is wrong with it, where the agent cannot read an object that its members hang on. */
export function whyUnreadable(object: KubernetesObject): string | undefined {
  const { kind } = object;
  const parsed = Object.hasOwn(SCHEMAS, kind)
    ? SCHEMAS[kind as keyof typeof SCHEMAS].safeParse(object)
    : undefined;
  const issue = parsed?.error?.issues[0];
  return issue && `${issue.path.join('.') || 'the object'}: ${issue.message}`;
}
