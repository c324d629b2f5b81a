import { tracked } from '@trpc/server';
import { z } from 'zod';
import { ConsoleFailure } from '../api/console-error.ts';
import { router, streamProcedure } from '../rpc/trpc.ts';

/** The one stream of a tab. It ends when the session ends. */
export const eventsRouter = router({
  subscribe: streamProcedure
    .input(z.strictObject({ lastEventId: z.string().max(64).nullish() }).optional())
    .subscription(async function* ({ ctx, input, signal }) {
      const place = ctx.limits.openStream(ctx.principal.sessionKey);
      if (!place.ok) throw new ConsoleFailure('too-many-requests', 'Too many open tabs');
      try {
        const ended = ctx.console.sessions.endedSignal(ctx.principal);
        const stop = signal === undefined ? ended : AbortSignal.any([signal, ended]);
        const from = { lastEventId: input?.lastEventId ?? undefined, signal: stop };
        for await (const { id, event } of ctx.console.events(from)) yield tracked(id, event);
        if (ended.aborted) throw new ConsoleFailure('not-signed-in', 'The session has ended');
      } finally {
        place.close();
      }
    }),
});
