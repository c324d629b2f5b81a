import { z } from 'zod';
import { FLATLAND_API_VERSION, zObjectMeta } from './kubernetes-object.ts';

/**
 * zod schema of one of Flatland's own kinds, from its spec and status schemas. The spec of a kind that people write is
 * strict: a field that is not known is a mistake, or a wish that this version cannot grant. That of a kind that agents and
 * controllers write passes over fields that it does not know: programs of two versions read each other while an upgrade
 * goes through nodes and clusters.
 */
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
