import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { zProbeRequest } from '@flatland/shared/report/report';
import type { LogPort } from '../../ports/log.ts';
import type { RunningAgent } from '../start-agent.ts';
import { prometheusText } from './prometheus-text.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_WATCHERS = 32;
const MAX_PROBES_UNDERWAY = 256;
const REPORT_EVERY_MS = 10_000;
/** Changes of one moment become one report. */
const SETTLE_MS = 100;
const REQUEST_TIMEOUT_MS = 30_000;

/** Where the server listens: a TCP port, or a unix socket. */
export type ListenOn = { readonly port: number; readonly host?: string } | { readonly path: string };

export interface AgentServer {
  /** The TCP port, where there is one. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/** Serves what `shared/report` describes: reports, probes, metrics, liveness. */
export async function serveAgent(
  agent: RunningAgent,
  listenOn: ListenOn,
  log: LogPort,
): Promise<AgentServer> {
  const state = { nWatchers: 0, nProbes: 0 };
  const server = createServer((request, response) => {
    route(agent, state, request, response).catch((error: unknown) => {
      log.error({ error: String(error) }, 'request failed');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'internal error' });
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  if ('path' in listenOn) await rm(listenOn.path, { force: true });
  await listen(server, listenOn);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : undefined,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface ServerState {
  nWatchers: number;
  nProbes: number;
}

async function route(
  agent: RunningAgent,
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
  switch (`${request.method} ${pathname}`) {
    case 'GET /v1/report':
      return searchParams.get('watch') === '1'
        ? watchReports(agent, state, response)
        : sendJson(response, 200, await agent.report());
    case 'POST /v1/probes':
      return probe(agent, state, request, response);
    case 'GET /metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(prometheusText(await agent.report()));
      return;
    case 'GET /healthz':
      return agent.isReady()
        ? sendJson(response, 200, { status: 'ok' })
        : sendJson(response, 503, { status: 'the node is not programmed yet' });
    default:
      return sendJson(response, 404, { error: 'no such path' });
  }
}

async function probe(
  agent: RunningAgent,
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readJson(request);
  const parsed = zProbeRequest.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    return sendJson(response, 400, { error: `${where === '' ? 'the body' : where}: ${issue?.message}` });
  }
  if (state.nProbes >= MAX_PROBES_UNDERWAY)
    return sendJson(response, 429, { error: 'too many probes at once' });
  state.nProbes++;
  try {
    sendJson(response, 200, await agent.probe(parsed.data));
  } finally {
    state.nProbes--;
  }
}

/** One report at once, one after each change, and one at least every ten seconds. */
function watchReports(agent: RunningAgent, state: ServerState, response: ServerResponse): void {
  if (state.nWatchers >= MAX_WATCHERS) return sendJson(response, 429, { error: 'too many watchers' });
  state.nWatchers++;
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  let settling: NodeJS.Timeout | undefined;
  let isBusy = false;
  const send = async () => {
    settling = undefined;
    // A reader that does not keep up gets fewer reports, not a longer queue.
    if (isBusy || response.writableNeedDrain || response.destroyed) return;
    isBusy = true;
    const report = await agent.report().catch(() => undefined);
    isBusy = false;
    if (report !== undefined && !response.destroyed) response.write(`${JSON.stringify(report)}\n`);
  };
  const stop = agent.onChange(() => {
    settling ??= setTimeout(() => void send(), SETTLE_MS);
  });
  const timer = setInterval(() => void send(), REPORT_EVERY_MS);
  response.on('close', () => {
    state.nWatchers--;
    stop();
    clearInterval(timer);
    clearTimeout(settling);
  });
  void send();
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function listen(server: Server, listenOn: ListenOn): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenOn, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
