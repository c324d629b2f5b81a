import { z } from 'zod';
import { zEndRef, zTraffic } from '../rpc/input/ends.ts';
import { readProcedure, router } from '../rpc/trpc.ts';

/** May A reach B, why, and what did packets do. */
export const whyRouter = router({
  explain: readProcedure
    .input(z.strictObject({ from: zEndRef, to: zEndRef, traffic: zTraffic.exactOptional() }))
    .query(({ ctx, input }) => ctx.console.explain(input)),
});
