import { parseObjectBody, readBody } from '../../http/read-body.ts';
import { sendObject } from '../../http/respond.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { readPath } from '../../model/read-path.ts';
import { isJsonObject } from '../../schema/json.ts';
import { matcherOf } from '../../selector/label-selector.ts';
import { notFound, success, tooManyRequests } from '../../status/status.ts';
import type { Transaction } from '../../storage/store.ts';
import { deleteObject } from '../delete-object.ts';
import { keyOf } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';
import { parseDeleteOptions } from '../write-options.ts';

const BUDGETS = 'poddisruptionbudgets.policy';

/** Answers `pods/NAME/eviction`: a delete that pod disruption budgets may refuse. */
export async function handleEviction(context: ResourceContext): Promise<void> {
  const { definition, info, request, response, state, query } = context;
  const body = parseObjectBody(await readBody(request), request.headers['content-type']);
  const options = parseDeleteOptions(
    query,
    isJsonObject(body['deleteOptions']) ? body['deleteOptions'] : undefined,
  );
  await state.store.write((transaction) => {
    const existing = transaction.get(keyOf(context));
    if (!existing) throw notFound({ group: '', name: 'pods' }, info.name);
    const phase = readPath(existing.object, ['status', 'phase']);
    const isOver = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending';
    if (!isOver && existing.object.metadata.deletionTimestamp === undefined) {
      takeDisruption(transaction, existing.object, options.dryRun);
    }
    return deleteObject({ state, transaction, definition, options }, existing);
  });
  sendObject(response, 201, { ...success(), code: 201 });
}

/** Takes one allowed disruption from the pod's budget. */
function takeDisruption(transaction: Transaction, pod: KubeObject, dryRun: boolean): void {
  for (const record of transaction.list(BUDGETS, pod.metadata.namespace)) {
    const budget = record.object;
    if (!matcherOf(readPath(budget, ['spec', 'selector']))(pod.metadata.labels ?? {})) continue;
    const allowed = Number(readPath(budget, ['status', 'disruptionsAllowed']) ?? 0);
    if (allowed <= 0) {
      throw tooManyRequests(`Cannot evict pod as it would violate the pod's disruption budget.`, 10);
    }
    if (dryRun) continue;
    const status = { ...(budget['status'] as object), disruptionsAllowed: allowed - 1 };
    transaction.put(record, { ...budget, status });
  }
}
