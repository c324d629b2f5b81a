import { z } from 'zod';
import { zChangeSetId, zIdempotencyKey, zPageRequest, zTitle } from '../rpc/input/ids.ts';
import { zIntents } from '../rpc/input/intent.ts';
import { planProcedure, readProcedure, router, writeProcedure } from '../rpc/trpc.ts';

const zChoices = z
  .array(
    z.strictObject({
      stepId: z.string().max(1024),
      field: z.string().max(1024),
      choice: z.enum(['take-over', 'leave']),
      seen: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  )
  .max(1000);
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
        choices: zChoices.default([]),
      }),
    )
    .mutation(({ ctx, input }) => ctx.console.changeSets.apply(ctx.principal, input)),

  /** Objects that others changed or own fields of: as reviewed, as they are, as the change wants them. */
  conflicts: readProcedure.input(zById).query(({ ctx, input }) => ctx.console.changeSets.conflicts(input.id)),

  /** Goes on with steps that failed for such objects, as the person chose field by field. */
  resolve: writeProcedure
    .input(z.strictObject({ id: zChangeSetId, choices: zChoices.min(1) }))
    .mutation(({ ctx, input }) => ctx.console.changeSets.resolve(ctx.principal, input)),

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
