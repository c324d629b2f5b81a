import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Principal } from '../src/api/console.ts';
import { createCallLimits } from '../src/http/call-limits.ts';
import { createLogger } from '../src/http/logger.ts';
import { sessionCookieName } from '../src/http/login-routes.ts';
import { createServer, type ConsoleServer } from '../src/http/server.ts';
import { Sessions } from '../src/http/sessions.ts';
import { openJournal } from '../src/journal/journal.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { recordingConsole } from './recording-console.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A real console server on a free port of loopback, over a console that records its calls. */
export interface HttpHarness extends AsyncDisposable {
  readonly server: ConsoleServer;
  readonly sessions: Sessions;
  readonly port: number;
  readonly dataDirectory: string;
  readonly cliToken: string;
  readonly calls: string[];
  readonly logged: string[];
  readonly logins: { readonly person: string; readonly signedIn: boolean }[];
  readonly clock: { nowMs: number };
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** Signs in by a fresh link and gives the `Cookie` header. */
  signIn(): Promise<string>;
}

export async function startHttp(
  options: {
    methods?: Readonly<Record<string, (...values: never[]) => unknown>>;
    files?: Readonly<Record<string, string>>;
    requestTimeoutMs?: number;
  } = {},
): Promise<HttpHarness> {
  const directory = mkdtempSync(join(tmpdir(), 'flatland-http-'));
  const consoleDirectory = join(directory, 'out');
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(consoleDirectory, name)), { recursive: true });
    writeFileSync(join(consoleDirectory, name), text);
  }
  const journal = openJournal(join(directory, 'data'));
  const clock = { nowMs: 1_000_000 };
  const sessions = new Sessions({ store: journal.sessions, nowMs: () => clock.nowMs, randomBytes });
  const { console, calls } = recordingConsole({
    'sessions.endedSignal': (principal: Principal) => sessions.endedSignal(principal.sessionKey),
    ...options.methods,
  });
  const logged: string[] = [];
  const logins: { person: string; signedIn: boolean }[] = [];
  const cliToken = randomBytes(32).toString('base64url');
  const server = await createServer({
    console,
    sessions,
    limits: createCallLimits(),
    cliToken,
    person: 'ada',
    consoleDirectory,
    metrics: createMetrics({
      clusters: () => [],
      nSubscribers: () => 0,
      worldBuildMs: () => 0,
      nDisagreements: () => 0,
    }),
    readiness: () => ({ ready: false, waitsFor: ['aws-east'] }),
    logger: createLogger({ level: 'debug', destination: { write: (line) => void logged.push(line) } }),
    onLogin: (outcome) => logins.push(outcome),
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
  });
  const port = await server.listen(0);
  const ask = (path: string, asked: Asked = {}) => send(port, path, asked);
  return {
    server,
    sessions,
    port,
    dataDirectory: join(directory, 'data'),
    cliToken,
    calls,
    logged,
    logins,
    clock,
    ask,
    async signIn() {
      const answer = await ask(`/login?token=${sessions.createLinkToken().token}`);
      const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      if (!cookie.startsWith(sessionCookieName(port))) throw new Error(`not signed in: ${answer.status}`);
      return cookie;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      journal.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function send(port: number, path: string, asked: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: asked.method ?? 'GET',
        agent: false,
        headers: {
          ...asked.headers,
          ...(asked.body === undefined ? {} : { 'content-length': Buffer.byteLength(asked.body) }),
        },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (body += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(asked.body);
  });
}
