import type { Json } from '../conformance/api.ts';
import type { Transcript } from './run-sequence.ts';

/** The release after which an object that has an item without its key keeps its owners: the embedded server is before it. */
const OWNERS_STAY_SINCE = 37;

/** Whether a sequence came to what the server's release does in another way than the embedded one's, `1.37.2` as `37`. */
export function isChangedSince(minor: number, { outcomes }: Transcript): boolean {
  return minor >= OWNERS_STAY_SINCE && outcomes.some(({ body }) => hasUnnamedItem(body));
}

/** The only lists of the kinds at hand whose items may be stored without their key are the secrets of a ServiceAccount. */
function hasUnnamedItem(body: Json): boolean {
  const objects: Json[] = Array.isArray(body?.items) ? body.items : [body];
  return objects.some(
    (object) =>
      Array.isArray(object?.secrets) && object.secrets.some((item: Json) => item?.name === undefined),
  );
}
