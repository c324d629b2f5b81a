import { crdStrategy } from '../crd/crd-strategy.ts';
import { daemonSetStrategy } from './daemon-set-strategy.ts';
import { namespaceStrategy } from './namespace-strategy.ts';
import { podStrategy } from './pod-strategy.ts';
import { podTemplateWarnings } from './pod-template-warnings.ts';
import { priorityClassStrategy } from './priority-class-strategy.ts';
import { bindingStrategy, roleStrategy } from './rbac-strategy.ts';
import { equalJson } from '../schema/json.ts';
import type { Strategy } from './resource-definition.ts';
import { serviceStrategy } from './service-strategy.ts';

const nodeStrategy: Strategy = {
  applyDefaults: (node) => {
    const spec = node['spec'] as { podCIDR?: string; podCIDRs?: string[] } | undefined;
    if (spec?.podCIDR) spec.podCIDRs ??= [spec.podCIDR];
  },
};

/** Annotations of a Deployment count as its spec does. */
const deploymentStrategy: Strategy = {
  warnings: podTemplateWarnings,
  countsChange: ({ metadata: next }, { metadata: old }) =>
    !equalJson(next.annotations ?? {}, old.annotations ?? {}),
};

const policyBindingStrategy: Strategy = {
  requiresVersion: true,
  applyDefaults: (binding) => {
    const match = (binding['spec'] as { matchResources?: Record<string, unknown> } | undefined)
      ?.matchResources;
    if (!match) return;
    match['matchPolicy'] ??= 'Equivalent';
    match['namespaceSelector'] ??= {};
    match['objectSelector'] ??= {};
  },
};

const MADE_BY_PUT: Strategy = { createOnUpdate: true };

/** What kinds do that needs more than the object: their surroundings, the clock, randomness. */
const STRATEGIES: Readonly<Record<string, Strategy>> = {
  ClusterRole: roleStrategy,
  ClusterRoleBinding: bindingStrategy,
  CustomResourceDefinition: crdStrategy,
  DaemonSet: daemonSetStrategy,
  Deployment: deploymentStrategy,
  Endpoints: MADE_BY_PUT,
  Event: MADE_BY_PUT,
  Lease: { createOnUpdate: true, requiresVersion: true },
  Namespace: namespaceStrategy,
  Node: nodeStrategy,
  Pod: podStrategy,
  PodDisruptionBudget: { requiresVersion: true },
  PriorityClass: priorityClassStrategy,
  ReplicaSet: { warnings: podTemplateWarnings },
  Role: roleStrategy,
  RoleBinding: bindingStrategy,
  Service: serviceStrategy,
  ServiceAccount: { returnsDeleted: true },
  StatefulSet: { warnings: podTemplateWarnings },
  ValidatingAdmissionPolicy: { requiresVersion: true },
  ValidatingAdmissionPolicyBinding: policyBindingStrategy,
};

/** What a built-in kind does beyond its schema. */
export function strategyOf(kind: string): Strategy {
  return Object.hasOwn(STRATEGIES, kind) ? STRATEGIES[kind]! : {};
}
