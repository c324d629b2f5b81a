import { zDomainName } from '@flatland/shared/model/names';
import { z } from 'zod';
import { changeSetRouter } from './routers/change-set.ts';
import { clusterRouter } from './routers/cluster.ts';
import { driftRouter } from './routers/drift.ts';
import { eventsRouter } from './routers/events.ts';
import { layoutRouter } from './routers/layout.ts';
import { probeRouter } from './routers/probe.ts';
import { sessionRouter } from './routers/session.ts';
import { whyRouter } from './routers/why.ts';
import { zPageRequest, zWorkloadId } from './rpc/input/ids.ts';
import { readProcedure, router } from './rpc/trpc.ts';

/** Everything that the console's page and the command line can ask. Served under `/trpc`. */
export const appRouter = router({
  session: sessionRouter,
  console: router({ overview: readProcedure.query(({ ctx }) => ctx.console.overview()) }),
  topology: router({ get: readProcedure.query(({ ctx }) => ctx.console.topology()) }),
  events: eventsRouter,
  changeSet: changeSetRouter,
  cluster: clusterRouter,
  drift: driftRouter,
  why: whyRouter,
  probe: probeRouter,
  flows: router({
    lastHour: readProcedure
      .input(z.strictObject({ workload: zWorkloadId, domain: zDomainName }))
      .query(({ ctx, input }) => ctx.console.lastHour(input)),
  }),
  layout: layoutRouter,
  audit: router({
    list: readProcedure.input(zPageRequest).query(({ ctx, input }) => ctx.console.audit(input)),
  }),
});

export type AppRouter = typeof appRouter;
