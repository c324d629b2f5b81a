import { compileCrdSchema } from '../schema/compile-crd-schema.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import type { CrdVersion } from './crd-object.ts';

/**
 * The structural schema of a version that has passed validation.
 *
 * @throws Error for one that has not
 */
export function crdSchema(version: CrdVersion): StructuralSchema {
  const compiled = compileCrdSchema(version.schema?.openAPIV3Schema);
  if (compiled.ok) return compiled.value;
  const [first] = compiled.error;
  throw new Error(`the stored schema is not structural: ${first?.field}: ${first?.message}`);
}
