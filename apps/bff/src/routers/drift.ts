import { MOST_AT_ONCE } from '@flatland/shared/plan/drift';
import { z } from 'zod';
import { planProcedure, readProcedure, router, writeProcedure } from '../rpc/trpc.ts';

/** `cluster kind namespace name`, as lists of drift name objects. */
const zObjectId = z.string().min(1).max(1024);
const zById = z.strictObject({ id: zObjectId });

/** Objects that are not what was applied. */
export const driftRouter = router({
  list: readProcedure.query(({ ctx }) => ctx.console.drift.list()),

  get: readProcedure.input(zById).query(({ ctx, input }) => ctx.console.drift.get(input.id)),

  /** `seen` is what the person looked at: nothing else is adopted. */
  adopt: writeProcedure
    .input(
      z.strictObject({
        objects: z
          .array(z.strictObject({ id: zObjectId, seen: z.string().regex(/^([0-9a-f]{64})?$/) }))
          .min(1)
          .max(MOST_AT_ONCE),
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.drift.adopt(ctx.principal, input.objects)),

  restore: planProcedure
    .input(z.strictObject({ ids: z.array(zObjectId).min(1).max(MOST_AT_ONCE) }))
    .mutation(({ ctx, input }) => ctx.console.drift.restore(ctx.principal, input.ids)),
});
