import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { invalid as invalidField } from '../schema/field-error.ts';
import { GoText } from '../schema/go-print.ts';
import { conflict, invalid, unexpected } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';

const NO_VERSION = invalidField(
  'metadata.resourceVersion',
  new GoText('0x0'),
  'must be specified for an update',
);

/** Refuses a draft of another object than the stored one, or of another version of it. */
export function requireUnchanged(
  { object: old }: StoredRecord,
  draft: KubeObject,
  definition: ResourceDefinition,
): void {
  const { name } = old.metadata;
  const { resourceVersion, uid } = draft.metadata;
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      resourceOf(definition),
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (!resourceVersion && definition.strategy.requiresVersion)
    throw invalid(resourceOf(definition), name, [NO_VERSION]);
  if (resourceVersion && !/^\d+$/.test(resourceVersion))
    throw unexpected(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(
      resourceOf(definition),
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}
