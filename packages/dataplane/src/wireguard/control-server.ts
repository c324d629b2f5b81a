/** The forwarder's control socket: devices are made, configured, asked and removed through it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ok, type Result } from '@flatland/shared/result';
import { parseUapiSet } from '../core/configuration/uapi-parse.ts';
import type { LogPort } from '../ports/log.ts';
import { parseDeviceRequest, type DeviceDescription, type ForwarderEvent } from './control-protocol.ts';
import type { DeviceRegistry, RegisteredDevice } from './device-registry.ts';
import { listenUnix } from './unix-server.ts';

export interface ControlServerDeps {
  readonly registry: DeviceRegistry;
  readonly log: LogPort;
  /** Tells one run of the process from the next. */
  readonly instance: string;
}

export interface ControlServer {
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const DEVICE_PATH = /^\/devices\/([^/]+)(\/configuration)?$/;

/** Serves the control API at a path. */
export async function serveControl(
  deps: ControlServerDeps,
  path: string,
): Promise<Result<ControlServer, string>> {
  const server = createServer((request, response) => {
    void handle(deps, request, response).catch((error: unknown) => {
      deps.log.error({ error: String(error) }, 'control request failed');
      response.destroy();
    });
  });
  const listening = await listenUnix(server, path);
  if (!listening.ok) return listening;
  return ok({
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      // The socket is gone from its place already: what is there now may be the next process'.
      await closed;
    },
  });
}

async function handle(
  deps: ControlServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET' && request.url === '/events') return streamEvents(deps, response);
  const body = await readBody(request);
  const { status, body: answer } =
    body === undefined ? refusal(413, 'too long') : await route(deps, request, body);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(answer)}\n`);
}

async function route(
  { registry, instance }: ControlServerDeps,
  request: IncomingMessage,
  body: string,
): Promise<Answer> {
  const { method = '', url = '' } = request;
  if (method === 'GET' && url === '/healthz') return { status: 200, body: { instance } };
  if (method === 'GET' && url === '/devices') return { status: 200, body: registry.list().map(describe) };
  const match = DEVICE_PATH.exec(url);
  const name = match?.[1];
  if (name === undefined) return refusal(404, 'no such path');
  const isConfiguration = match?.[2] !== undefined;
  if (method === 'PUT' && !isConfiguration) return makeDevice(registry, name, body);
  if (method === 'DELETE' && !isConfiguration) {
    await registry.remove(name);
    return { status: 200, body: {} };
  }
  const device = registry.get(name);
  if (device === undefined) return refusal(404, `no device ${JSON.stringify(name.slice(0, 64))}`);
  if (method === 'GET' && !isConfiguration) return { status: 200, body: describe(device) };
  if (method === 'POST' && isConfiguration) return configure(device, body);
  return refusal(405, 'no such method here');
}

async function makeDevice(registry: DeviceRegistry, name: string, body: string): Promise<Answer> {
  const request = parseDeviceRequest(name, parseJson(body));
  if (!request.ok) return refusal(400, request.error);
  const made = await registry.ensure(request.value);
  return made.ok ? { status: 200, body: describe(made.value) } : refusal(409, made.error);
}

async function configure(device: RegisteredDevice, body: string): Promise<Answer> {
  const change = parseUapiSet(body.split('\n').filter((line) => line !== ''));
  if (!change.ok) return refusal(400, change.error);
  const configured = await device.loop.configure(change.value);
  return configured.ok ? { status: 200, body: describe(device) } : refusal(409, configured.error);
}

function streamEvents({ registry, instance }: ControlServerDeps, response: ServerResponse): void {
  const send = (event: ForwarderEvent) => response.write(`${JSON.stringify(event)}\n`);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const stop = registry.onEvent((device, event) => send({ kind: 'device', device, event }));
  response.on('close', stop);
  send({ kind: 'hello', instance });
}

function describe({ request, loop }: RegisteredDevice): DeviceDescription {
  return { name: request.name, namespace: request.namespace, report: loop.report() };
}

function refusal(status: number, message: string): Answer {
  return { status, body: { error: message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The whole body; nothing where it is longer than any request should be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
