import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { ConsoleFailure } from '../api/console-error.ts';
import type { Console, Principal } from '../api/console.ts';
import { appRouter, type AppRouter } from '../router.ts';
import type { CallLimits } from '../rpc/call-limits.ts';
import type { Context } from '../rpc/context.ts';
import { errorLogId } from '../rpc/error-log.ts';
import { factsOf, refuseWith } from './guards.ts';
import { refuseForeignOrigin, refuseSimpleRequest, type OwnOrigins } from './origin.ts';
import { equalSecrets, type Sessions } from './sessions.ts';

/** Calls that one request may carry. */
export const MAX_BATCH_SIZE = 20;
const STREAM_PATH = 'events.subscribe';

export interface TrpcDeps {
  readonly console: Console;
  readonly limits: CallLimits;
  readonly sessions: Sessions;
  readonly own: () => OwnOrigins;
  readonly cookieName: () => string;
  /** Signs the command line in, as `Authorization: Bearer …`. */
  readonly cliToken: string;
  readonly person: string;
  readonly countCall: Context['countCall'];
}

/** Serves the router under `/trpc`. Returns what cuts every open stream, so that clients connect again elsewhere. */
export async function trpcRoutes(
  server: FastifyInstance,
  deps: TrpcDeps,
): Promise<{ cutStreams: () => void }> {
  const streams = new Set<Socket>();
  await server.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      const refused =
        refuseForeignOrigin(factsOf(request), deps.own()) ?? refuseSimpleRequest(factsOf(request));
      if (refused !== undefined) return refuseWith(reply, refused);
      void reply.header('cache-control', 'no-store');
      if (callsOf(request).includes(STREAM_PATH)) keepWhileOpen(streams, request.raw.socket);
      return undefined;
    });
    await scope.register(fastifyTRPCPlugin<AppRouter>, { prefix: '/trpc', ...pluginOptions(deps) });
  });
  return { cutStreams: () => streams.forEach((socket) => socket.destroy()) };
}

function pluginOptions(deps: TrpcDeps): FastifyTRPCPluginOptions<AppRouter> {
  return {
    trpcOptions: {
      router: appRouter,
      maxBatchSize: MAX_BATCH_SIZE,
      allowMethodOverride: false,
      createContext: ({ req }: { req: FastifyRequest }) => ({
        console: deps.console,
        limits: deps.limits,
        countCall: deps.countCall,
        principal: principalOf(req, deps),
      }),
      onError({ error, path, req }) {
        if (error.code !== 'INTERNAL_SERVER_ERROR' || error.cause instanceof ConsoleFailure) return;
        (req as FastifyRequest).log.error(
          { err: error.cause ?? error, path, id: errorLogId(error) },
          'call failed',
        );
      },
      responseMeta({ errors }) {
        return errors.some((error) => error.code === 'TOO_MANY_REQUESTS')
          ? { headers: { 'retry-after': '1' } }
          : {};
      },
    },
  };
}

function principalOf(request: FastifyRequest, deps: TrpcDeps): Principal | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(authorization)?.[1];
    if (token === undefined || !equalSecrets(token, deps.cliToken)) return undefined;
    return { person: deps.person, kind: 'cli', sessionKey: 'cli' };
  }
  const secret = request.cookies[deps.cookieName()];
  if (secret === undefined) return undefined;
  const isUse = !callsOf(request).every((path) => path === STREAM_PATH);
  return deps.sessions.find(secret, isUse);
}

function callsOf(request: FastifyRequest): string[] {
  const { path } = request.params as { path?: string };
  return (path ?? '').split(',');
}

function keepWhileOpen(streams: Set<Socket>, socket: Socket): void {
  if (streams.has(socket)) return;
  streams.add(socket);
  socket.once('close', () => streams.delete(socket));
}
