import { initTRPC } from '@trpc/server';
import { ConsoleFailure, type ConsoleError } from '../api/console-error.ts';
import type { CallClass } from './call-limits.ts';
import type { Context } from './context.ts';
import { errorLogId } from './error-log.ts';
import { formatError, toTrpcError } from './error-format.ts';

/** Comments sent on an idle stream, so that a lost connection is noticed. */
const PING_INTERVAL_MS = 5000;
const RECONNECT_AFTER_INACTIVITY_MS = 15_000;

const t = initTRPC
  .context<Context>()
  .meta<{ readonly callClass: CallClass }>()
  .create({
    isDev: false,
    sse: {
      ping: { enabled: true, intervalMs: PING_INTERVAL_MS },
      client: { reconnectAfterInactivityMs: RECONNECT_AFTER_INACTIVITY_MS },
    },
    errorFormatter({ shape, error }): {
      code: typeof shape.code;
      message: string;
      data: { code: typeof shape.data.code; httpStatus: number; error: ConsoleError };
    } {
      const told = formatError(error, () => errorLogId(error));
      return {
        code: shape.code,
        message: told.message,
        data: { code: shape.data.code, httpStatus: shape.data.httpStatus, error: told },
      };
    },
  });

export const { router } = t;

/**
 * A procedure for people who are signed in. There is no other kind: signing in and out of a browser is
 * plain HTTP (`/login`).
 */
function procedure(callClass: CallClass) {
  return t.procedure.meta({ callClass }).use(async ({ ctx, next, path }) => {
    const { principal } = ctx;
    if (principal === undefined) {
      throw toTrpcError(new ConsoleFailure('not-signed-in', 'Nobody is signed in, or the session has ended'));
    }
    const drawn = await ctx.limits.draw(principal.sessionKey, callClass);
    if (!drawn.ok) {
      const seconds = Math.ceil(drawn.retryAfterMs / 1000);
      throw toTrpcError(new ConsoleFailure('too-many-requests', `Too many calls; wait ${seconds} s`));
    }
    const result = await next({ ctx: { ...ctx, principal } });
    ctx.countCall(path, result.ok ? 'ok' : 'error');
    if (!result.ok && result.error.cause instanceof ConsoleFailure) throw toTrpcError(result.error.cause);
    return result;
  });
}

/** Reads what is in memory or in the journal. */
export const readProcedure = procedure('read');
/** Changes the journal or a cluster. */
export const writeProcedure = procedure('write');
/** Plans and dry-runs: changes nothing, and asks the clusters. */
export const planProcedure = procedure('plan');
/** Sends packets. */
export const probeProcedure = procedure('probe');
/** Opens a stream. */
export const streamProcedure = procedure('stream');
