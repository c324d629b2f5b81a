import { parseObjectBody, readBody } from '../../http/read-body.ts';
import { notFound } from '../../status/status.ts';
import { resourceOf } from '../../kinds/resource-definition.ts';
import { decodeObject } from '../decode-object.ts';
import { keyOf, sendRecord } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';
import { isGone } from '../is-gone.ts';

/** Answers an update of a namespace's `spec.finalizers`, the only thing that may change them. */
export async function handleFinalize(context: ResourceContext): Promise<void> {
  const { definition, info, request, state } = context;
  const body = parseObjectBody(await readBody(request), request.headers['content-type']);
  const draft = decodeObject(body, definition);
  const record = await state.store.write((transaction) => {
    const existing = transaction.get(keyOf(context));
    if (!existing) throw notFound(resourceOf(definition), info.name);
    const next = { ...existing.object, spec: draft['spec'] ?? {} };
    return isGone(next) ? transaction.delete(existing) : transaction.put(existing, next);
  });
  sendRecord(context, 200, record);
}
