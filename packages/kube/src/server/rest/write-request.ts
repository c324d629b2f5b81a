import type { User } from '../auth/user.ts';
import type { ResourceDefinition, StrategyContext } from '../kinds/resource-definition.ts';
import { storageNameOf } from '../kinds/registry.ts';
import type { Transaction } from '../storage/store.ts';
import type { ServerState } from './server-state.ts';

/** One write of one object, inside a transaction. */
export interface WriteRequest {
  readonly state: ServerState;
  readonly transaction: Transaction;
  readonly definition: ResourceDefinition;
  readonly namespace: string;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** Whose fields an Update records; undefined where apply has recorded them already. */
  readonly fieldManager: string | undefined;
  /** Tells the client, whatever becomes of the write. */
  readonly warn: (text: string) => void;
}

/** What strategies may ask, answered from inside the transaction. */
export function contextOf({
  state,
  transaction,
  dryRun,
}: Pick<WriteRequest, 'state' | 'transaction' | 'dryRun'>): StrategyContext {
  return {
    dryRun,
    nowMs: state.nowMs(),
    random: state.random,
    get: (resource, namespace, name) =>
      transaction.get({ resource: storageNameOf(resource), namespace, name })?.object,
    list: (resource, namespace) =>
      transaction.list(storageNameOf(resource), namespace).map(({ object }) => object),
    definitions: () => state.registry.all(),
  };
}
