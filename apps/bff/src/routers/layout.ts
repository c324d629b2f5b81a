import { z } from 'zod';
import { zId } from '../rpc/input/ids.ts';
import { readProcedure, router, writeProcedure } from '../rpc/trpc.ts';

const MAX_POSITIONS = 10_000;
const zCoordinate = z.number().min(-1e6).max(1e6);
const zPositions = z
  .record(zId, z.strictObject({ x: zCoordinate, y: zCoordinate }))
  .refine(
    (positions) => Object.keys(positions).length <= MAX_POSITIONS,
    `at most ${MAX_POSITIONS} positions`,
  );

/** Where a person put the elements of the map. */
export const layoutRouter = router({
  get: readProcedure.query(({ ctx }) => ctx.console.layouts.get(ctx.principal)),

  save: writeProcedure
    .input(z.strictObject({ positions: zPositions }))
    .mutation(({ ctx, input }) => ctx.console.layouts.save(ctx.principal, input.positions)),
});
