import { z } from 'zod';
import { zChangeSetId, zIdempotencyKey, zPageRequest, zTitle } from '../rpc/input/ids.ts';
import { zIntents } from '../rpc/input/intent.ts';
import { planProcedure, readProcedure, router, writeProcedure } from '../rpc/trpc.ts';

const MAX_TAKE_OVERS = 1000;
const zById = z.strictObject({ id: zChangeSetId });

/** Staged edits: planned, reviewed, applied, proved, reverted. */
export const changeSetRouter = router({
  /** Plans and dry-runs without keeping anything. A mutation only because intents may not fit a URL. */
  plan: planProcedure
    .input(z.strictObject({ intents: zIntents }))
    .mutation(({ ctx, input }) => ctx.console.changeSets.plan(input.intents)),

  create: planProcedure
    .input(z.strictObject({ title: zTitle, intents: zIntents, idempotencyKey: zIdempotencyKey }))
    .mutation(({ ctx, input }) => ctx.console.changeSets.create(ctx.principal, input)),

  get: readProcedure.input(zById).query(({ ctx, input }) => ctx.console.changeSets.get(input.id)),

  list: readProcedure.input(zPageRequest).query(({ ctx, input }) => ctx.console.changeSets.list(input)),

  update: planProcedure
    .input(z.strictObject({ id: zChangeSetId, title: zTitle.optional(), intents: zIntents }))
    .mutation(({ ctx, input }) => ctx.console.changeSets.update(ctx.principal, input)),

  /** Applies the reviewed plan. (`apply` itself is a name that tRPC keeps for functions.) */
  applyPlan: writeProcedure
    .input(
      z.strictObject({
        id: zChangeSetId,
        expectedPlanHash: z.string().regex(/^[0-9a-f]{64}$/),
        acknowledged: z.array(z.string().max(64)).max(100).default([]),
        takeOver: z
          .array(z.strictObject({ stepId: z.string().max(1024), field: z.string().max(1024) }))
          .max(MAX_TAKE_OVERS)
          .default([]),
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.changeSets.apply(ctx.principal, input)),

  retry: writeProcedure
    .input(zById)
    .mutation(({ ctx, input }) => ctx.console.changeSets.retry(ctx.principal, input.id)),

  replan: planProcedure
    .input(zById)
    .mutation(({ ctx, input }) => ctx.console.changeSets.replan(ctx.principal, input.id)),

  revert: planProcedure
    .input(zById)
    .mutation(({ ctx, input }) => ctx.console.changeSets.revert(ctx.principal, input.id)),

  discard: writeProcedure.input(zById).mutation(({ ctx, input }) => {
    ctx.console.changeSets.discard(ctx.principal, input.id);
    return { ok: true as const };
  }),

  export: readProcedure
    .input(z.strictObject({ id: zChangeSetId, only: z.literal('git').optional() }))
    .query(({ ctx, input }) => ({ files: ctx.console.changeSets.exportFiles(input.id, input.only) })),
});
