import { crdStrategy } from '../crd/crd-strategy.ts';
import type { Strategy } from './resource-definition.ts';

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  CustomResourceDefinition: crdStrategy,
};

/** What a built-in kind does beyond its schema. */
export function strategyOf(kind: string): Strategy {
  return Object.hasOwn(STRATEGIES, kind) ? STRATEGIES[kind]! : {};
}
