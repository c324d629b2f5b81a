import { crdStrategy } from '../crd/crd-strategy.ts';
import { namespaceStrategy } from './namespace-strategy.ts';
import { podStrategy } from './pod-strategy.ts';
import type { Strategy } from './resource-definition.ts';
import { serviceStrategy } from './service-strategy.ts';

const MADE_BY_PUT: Strategy = { createOnUpdate: true };

/** What kinds do that needs more than the object: their surroundings, the clock, randomness. */
const STRATEGIES: Readonly<Record<string, Strategy>> = {
  ClusterRole: MADE_BY_PUT,
  ClusterRoleBinding: MADE_BY_PUT,
  CustomResourceDefinition: crdStrategy,
  Endpoints: MADE_BY_PUT,
  Event: MADE_BY_PUT,
  Lease: MADE_BY_PUT,
  Namespace: namespaceStrategy,
  Pod: podStrategy,
  Role: MADE_BY_PUT,
  RoleBinding: MADE_BY_PUT,
  Service: serviceStrategy,
  ServiceAccount: { returnsDeleted: true },
};

/** What a built-in kind does beyond its schema. */
export function strategyOf(kind: string): Strategy {
  return Object.hasOwn(STRATEGIES, kind) ? STRATEGIES[kind]! : {};
}
