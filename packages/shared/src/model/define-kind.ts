import { z } from 'zod';
import { FLATLAND_API_VERSION, zObjectMeta } from './kubernetes-object.ts';

/** zod schema of one of Flatland's own kinds, from its spec and status schemas. */
export function defineKind<const Kind extends string, Spec extends z.ZodType, Status extends z.ZodType>(
  kind: Kind,
  spec: Spec,
  status: Status,
) {
  return z.looseObject({
    apiVersion: z.literal(FLATLAND_API_VERSION),
    kind: z.literal(kind),
    metadata: zObjectMeta,
    spec,
    status: status.optional(),
  });
}
