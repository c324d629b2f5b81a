import type { Json } from '../conformance/api.ts';
import type { Transcript } from './run-sequence.ts';

/** Since then owners stay where an object does not fit its schema; before, it has none from then on. */
const OWNERS_STAY_SINCE = 37;

/**
 * Whether a sequence came to what a release, `1.36.3` as `36`, does in another way than the newer ones, which the embedded
 * server follows: an object without any owner.
 */
export function isOtherwiseBefore(minor: number, { outcomes }: Transcript): boolean {
  return minor < OWNERS_STAY_SINCE && outcomes.some(({ body }) => hasNoOwner(body));
}

function hasNoOwner(body: Json): boolean {
  const objects: Json[] = Array.isArray(body?.items) ? body.items : [body];
  return objects.some(
    (object) => object?.metadata?.uid !== undefined && object.metadata.managedFields === undefined,
  );
}
