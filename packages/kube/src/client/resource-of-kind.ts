import type { Resource } from './resource.ts';
import * as resources from './resources.ts';

const BY_KIND = new Map(Object.values<Resource>(resources).map((one) => [one.kind, one]));

/** The resource of a kind, of whichever group; undefined for a kind that `resources.ts` does not have. */
export function resourceOfKind(kind: string): Resource | undefined {
  return BY_KIND.get(kind);
}
