import type { PolicyRule } from '../auth/authorizer.ts';
import type { ServerState } from '../rest/server-state.ts';
import { equalJson } from '../schema/json.ts';
import type { JsonValue } from '../schema/json.ts';
import { matcherOf } from '../selector/label-selector.ts';
import type { Transaction } from '../storage/store.ts';
import type { Controller } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';

interface AggregationRule {
  readonly clusterRoleSelectors?: readonly object[];
}

/** Keeps the rules of aggregated ClusterRoles the union of those that they select (Kubernetes "Aggregated ClusterRoles"). */
export function roleAggregation(state: ServerState): Controller {
  const queue = new WorkQueue(() => state.store.write(aggregate), state.onError);
  return {
    start: () => queue.add(CLUSTER_ROLES),
    notice: (events) => {
      if (events.some(({ record }) => record.resource === CLUSTER_ROLES)) queue.add(CLUSTER_ROLES);
    },
    close: () => queue.close(),
  };
}

function aggregate(transaction: Transaction): void {
  const roles = transaction.list(CLUSTER_ROLES);
  for (const record of roles) {
    const rule = record.object['aggregationRule'] as AggregationRule | undefined;
    if (!rule) continue;
    const selectors = (rule.clusterRoleSelectors ?? []).map(matcherOf);
    const selected = roles.filter(
      ({ name, object }) =>
        name !== record.name && selectors.some((fits) => fits(object.metadata.labels ?? {})),
    );
    const rules = distinct(
      selected.flatMap(({ object }) => (object['rules'] as PolicyRule[] | undefined) ?? []),
    );
    if (equalJson(rules as unknown as JsonValue, (record.object['rules'] ?? []) as JsonValue)) continue;
    transaction.put(record, { ...record.object, rules });
  }
}

function distinct(rules: readonly PolicyRule[]): PolicyRule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}
