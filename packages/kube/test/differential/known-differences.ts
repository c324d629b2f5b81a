import type { Json } from '../conformance/api.ts';
import type { Transcript } from './run-sequence.ts';

/** Since then owners stay where an object does not fit its schema; before, it has none from then on. */
const OWNERS_STAY_SINCE = 37;
/**
 * A deletion at a version that takes a finalizer away is two writes of kube-apiserver, the second of which it refuses for
 * the version that the first one made (`registry.Store.Delete`).
 */
const STUMBLES = /Precondition failed: ResourceVersion in precondition: ,/;

/**
 * Whether a sequence came to what kube-apiserver, `1.36.3` as `36`, is known to do in another way than the embedded server:
 * to an object without any owner, as before 1.37, or to a deletion that it begins and refuses.
 */
export function isKnownToDiffer(minor: number, { outcomes }: Transcript): boolean {
  return outcomes.some(
    ({ body }) =>
      (minor < OWNERS_STAY_SINCE && hasNoOwner(body)) || STUMBLES.test(String(body?.message ?? '')),
  );
}

function hasNoOwner(body: Json): boolean {
  const objects: Json[] = Array.isArray(body?.items) ? body.items : [body];
  return objects.some(
    (object) => object?.metadata?.uid !== undefined && object.metadata.managedFields === undefined,
  );
}
