import { zDomainName } from '@flatland/shared/model/names';
import { z } from 'zod';
import { zEndRef } from '../rpc/input/ends.ts';
import { probeProcedure, readProcedure, router } from '../rpc/trpc.ts';

const zOfDomain = z.strictObject({ domain: zDomainName.optional() }).default({});

/** Real packets between members. */
export const probeRouter = router({
  run: probeProcedure
    .input(z.strictObject({ from: zEndRef, to: zEndRef }))
    .mutation(({ ctx, input }) => ctx.console.probes.run(input)),

  runAll: probeProcedure
    .input(zOfDomain)
    .mutation(({ ctx, input }) => ctx.console.probes.runAll(input.domain)),

  matrix: readProcedure.input(zOfDomain).query(({ ctx, input }) => ctx.console.probes.matrix(input.domain)),
});
