import { ConsoleFailure } from '../api/console-error.ts';
import { readProcedure, router, writeProcedure } from '../rpc/trpc.ts';

/** Who is signed in, and signing out. Signing in is `GET /login?token=…`. */
export const sessionRouter = router({
  me: readProcedure.query(({ ctx }) => {
    const { person, kind, expiresAtMs, idleExpiresAtMs } = ctx.principal;
    return { person, kind, expiresAtMs, idleExpiresAtMs };
  }),

  logout: writeProcedure.mutation(({ ctx }) => {
    ctx.console.sessions.end(ctx.principal);
    return { ok: true as const };
  }),

  /** Ends every session, also of other browsers. */
  logoutAll: writeProcedure.mutation(({ ctx }) => ctx.console.sessions.endAll(ctx.principal)),

  createLink: writeProcedure.mutation(({ ctx }) => {
    if (ctx.principal.kind !== 'cli') {
      throw new ConsoleFailure('cli-only', 'Only the command line makes links that sign in');
    }
    return ctx.console.sessions.createLink(ctx.principal);
  }),
});
