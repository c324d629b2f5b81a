import type { BuiltinKind } from './builtin-kind.ts';
import { validatingAdmissionPolicy } from './admissionregistration-v1/validating-admission-policy.ts';
import { validatingAdmissionPolicyBinding } from './admissionregistration-v1/validating-admission-policy-binding.ts';
import { customResourceDefinition } from './apiextensions-v1/custom-resource-definition.ts';
import { controllerRevision } from './apps-v1/controller-revision.ts';
import { daemonSet } from './apps-v1/daemon-set.ts';
import { deployment } from './apps-v1/deployment.ts';
import { replicaSet } from './apps-v1/replica-set.ts';
import { statefulSet } from './apps-v1/stateful-set.ts';
import { lease } from './coordination-v1/lease.ts';
import { configMap } from './core-v1/config-map.ts';
import { endpoints } from './core-v1/endpoints.ts';
import { event as coreEvent } from './core-v1/event.ts';
import { namespace } from './core-v1/namespace.ts';
import { node } from './core-v1/node.ts';
import { pod } from './core-v1/pod.ts';
import { secret } from './core-v1/secret.ts';
import { service } from './core-v1/service.ts';
import { serviceAccount } from './core-v1/service-account.ts';
import { endpointSlice } from './discovery-v1/endpoint-slice.ts';
import { event as eventsEvent } from './events-v1/event.ts';
import { ipAddress } from './networking-v1/ip-address.ts';
import { networkPolicy } from './networking-v1/network-policy.ts';
import { podDisruptionBudget } from './policy-v1/pod-disruption-budget.ts';
import { clusterRole, role } from './rbac-v1/role.ts';
import { clusterRoleBinding, roleBinding } from './rbac-v1/role-binding.ts';
import { priorityClass } from './scheduling-v1/priority-class.ts';

/** Every built-in kind, sorted by group, version and plural. */
export const builtinKinds: readonly BuiltinKind[] = [
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  customResourceDefinition,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  lease,
  configMap,
  endpoints,
  coreEvent,
  namespace,
  node,
  pod,
  secret,
  service,
  serviceAccount,
  endpointSlice,
  eventsEvent,
  ipAddress,
  networkPolicy,
  podDisruptionBudget,
  clusterRole,
  role,
  clusterRoleBinding,
  roleBinding,
  priorityClass,
].toSorted(
  (left, right) =>
    compare(left.group, right.group) ||
    compare(left.version, right.version) ||
    compare(left.plural, right.plural),
);

const byKind = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
const byPlural = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));

/** Looks a kind up: `findBuiltinKind('apps', 'v1', 'Deployment')`. */
export function findBuiltinKind(group: string, version: string, kind: string): BuiltinKind | undefined {
  return byKind.get(`${group}/${version}/${kind}`);
}

/** Looks a kind up by its resource: `findBuiltinResource('apps', 'v1', 'deployments')`. */
export function findBuiltinResource(group: string, version: string, plural: string): BuiltinKind | undefined {
  return byPlural.get(`${group}/${version}/${plural}`);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
