import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import underPressure from '@fastify/under-pressure';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ConsoleFailure } from '../api/console-error.ts';
import type { Console } from '../api/console.ts';
import type { CallLimits } from '../rpc/call-limits.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { consoleRoutes } from './console-routes.ts';
import { answerErrors, guardEveryRequest, refuseUnread } from './guards.ts';
import { healthRoutes, type Readiness } from './health-routes.ts';
import { loginRoutes, sessionCookieName, type LoginDeps } from './login-routes.ts';
import { ownOrigins } from './origin.ts';
import type { Sessions } from './sessions.ts';
import { trpcRoutes } from './trpc-routes.ts';

export const MAX_BODY_BYTES = 1024 * 1024;
export const MAX_HEADER_BYTES = 16 * 1024;
/** A client that takes longer to send its request is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Beyond this the process itself is overloaded. A slow start of a busy machine is not that. */
const MAX_EVENT_LOOP_DELAY_MS = 8000;
const RETRY_AFTER_S = 5;
const CLOSE_IDLE_EVERY_MS = 50;

export interface ServerDeps {
  readonly console: Console;
  readonly sessions: Sessions;
  readonly limits: CallLimits;
  readonly cliToken: string;
  readonly person: string;
  readonly consoleDirectory: string;
  readonly metrics: Metrics;
  readonly readiness: () => Readiness;
  readonly logger: Logger;
  readonly onLogin: LoginDeps['onLogin'];
  /** @default 10000 */
  readonly requestTimeoutMs?: number;
}

/** The console's HTTP server, not listening yet. */
export interface ConsoleServer {
  readonly http: FastifyInstance;
  /** Listens on 127.0.0.1 and gives the port; the next free one where `port` is taken (0 for any). */
  listen(port: number): Promise<number>;
  /** Stops taking requests, lets those under way finish, cuts open streams so that tabs connect again. */
  close(): Promise<void>;
}

/** Makes the one origin of the console: its files, its API, its health. */
export async function createServer(deps: ServerDeps): Promise<ConsoleServer> {
  let port = 0;
  const own = () => ownOrigins(port);
  const cookieName = () => sessionCookieName(port);
  const requestTimeoutMs = deps.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const http = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (_error, _request, reply) => {
      refuseUnread(reply);
    },
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    trustProxy: false,
    routerOptions: { maxParamLength: 5000 },
    forceCloseConnections: false,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: requestTimeoutMs / 5,
    },
  });
  guardEveryRequest(http, own);
  answerErrors(http);
  await http.register(helmet, {
    // set for each answer by hand, because each page has hashes of its own
    contentSecurityPolicy: false,
    // RFC 6797 §7.2: not over plain HTTP
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await http.register(cookie);
  await http.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
    retryAfter: RETRY_AFTER_S,
    pressureHandler: () => {
      throw new ConsoleFailure('busy', 'The console is busy; try again in a moment');
    },
  });
  healthRoutes(http, { readiness: deps.readiness, registry: deps.metrics.registry });
  loginRoutes(http, { ...deps, cookieName });
  const { cutStreams } = await trpcRoutes(http, {
    ...deps,
    own,
    cookieName,
    countCall: (path, outcome) => deps.metrics.countCall(path, outcome),
  });
  await consoleRoutes(http, deps.consoleDirectory);
  return {
    http,
    async listen(wanted) {
      port = await listenOnLoopback(http, wanted);
      return port;
    },
    async close() {
      // a connection whose request ends after this is idle then, and would stay open
      const closing = setInterval(() => {
        cutStreams();
        http.server.closeIdleConnections();
      }, CLOSE_IDLE_EVERY_MS);
      cutStreams();
      await http.close();
      clearInterval(closing);
    },
  };
}

const LOOPBACK = '127.0.0.1';
const MAX_PORTS_TRIED = 100;

async function listenOnLoopback(http: FastifyInstance, wanted: number): Promise<number> {
  for (let port = wanted; ; port++) {
    try {
      await http.listen({ host: LOOPBACK, port });
      const address = http.server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      return address.port;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port >= wanted + MAX_PORTS_TRIED) throw error;
    }
  }
}
