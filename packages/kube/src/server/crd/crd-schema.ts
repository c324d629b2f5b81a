import type { StructuralSchema } from '../schema/structural-schema.ts';
import type { CrdVersion } from './crd-object.ts';

/** The structural schema of a version that has passed the checks of {@link crdErrors}. */
export function crdSchema(_version: CrdVersion): StructuralSchema {
  return { type: 'object', preserveUnknownFields: true };
}
