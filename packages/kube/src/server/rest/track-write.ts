import type { KubeObject } from '../model/kube-object.ts';
import type { JsonObject } from '../schema/json.ts';
import { validate } from '../schema/validate.ts';
import { hasStatus } from './object-status.ts';
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
  if (!definition.builtin && isMistyped(draft, request)) return withManagersOf(draft, old);
  const writer = writerOf(definition, { fieldManager, subresource, nowMs: state.nowMs() });
  return trackManagers(draft, old, writer);
}

/**
 * Whether the part of a custom resource that the write leaves as it is was sent as something that the schema cannot
 * hold: then kube-apiserver passes field management by.
 */
function isMistyped({ metadata: _m, status, ...rest }: KubeObject, request: WriteRequest): boolean {
  const { definition, subresource } = request;
  if (!hasStatus(definition)) return false;
  const foreign = subresource === 'status' ? rest : { ...(status !== undefined && { status }) };
  return validate(definition.schema, foreign as JsonObject).some(
    ({ reason }) => reason === 'FieldValueTypeInvalid',
  );
}

function withManagersOf(draft: KubeObject, old: KubeObject | undefined): KubeObject {
  const managedFields = old?.metadata.managedFields;
  const { managedFields: _sent, ...metadata } = draft.metadata;
  return { ...draft, metadata: { ...metadata, ...(managedFields && { managedFields }) } };
}
