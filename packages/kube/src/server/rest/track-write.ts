import type { KubeObject } from '../model/kube-object.ts';
import { trackManagers, writerOf } from './schema-steps.ts';
import type { WriteRequest } from './write-request.ts';

/** Records in managedFields what a create or update sets; apply has done that already. */
export function trackWrite(
  request: WriteRequest,
  draft: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  const { definition, fieldManager, subresource, state } = request;
  if (fieldManager === undefined) return draft;
  const writer = writerOf(definition, { fieldManager, subresource, nowMs: state.nowMs() });
  return trackManagers(draft, old, writer);
}
