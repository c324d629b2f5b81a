import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseServerUrl } from '../../src/client/server-url.ts';
import type { Connection } from '../../src/client/connection.ts';
import { sensitive } from '../../src/client/sensitive.ts';
import { makeCertificates } from '../../src/testing/certificates.ts';
import type { Certificates } from '../../src/testing/certificates.ts';
import { CollectionModel } from './collection-model.ts';
import type { Recorded } from './collection-model.ts';

/** What to do to a request instead of answering it. */
export type Fault = (response: ServerResponse, request: IncomingMessage) => void;

export type Seen = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

const certificates: Promise<Certificates> = makeCertificates();
const PATH = /^\/api\/v1\/namespaces\/default\/configmaps(?:\/([^/]+))?$/;

/** An HTTPS server that keeps one collection (ConfigMaps of the namespace default) and can be made to fail. */
export class TestApiServer implements AsyncDisposable {
  readonly collection = new CollectionModel();
  readonly seen: Seen[] = [];
  /** Asked before each request. */
  fault: (request: IncomingMessage) => Fault | undefined = () => undefined;
  readonly #watchers = new Set<ServerResponse>();
  #server: ReturnType<typeof createServer> | undefined;
  #certificates: Certificates | undefined;

  static async start(
    listen: { socketPath?: string; certificates?: Certificates } = {},
  ): Promise<TestApiServer> {
    const server = new TestApiServer();
    const made = listen.certificates ?? (await certificates);
    server.#certificates = made;
    const https = createServer({ cert: made.certificatePem, key: made.keyPem }, (request, response) => {
      void server.#handle(request, response);
    });
    server.#server = https;
    await new Promise<void>((resolve) =>
      listen.socketPath === undefined
        ? https.listen(0, '127.0.0.1', resolve)
        : https.listen(listen.socketPath, resolve),
    );
    return server;
  }

  connection(overrides: Partial<Connection> = {}): Connection {
    const address = this.#server?.address() as AddressInfo | string;
    const port = typeof address === 'string' ? 6443 : address.port;
    const url = parseServerUrl(`https://127.0.0.1:${port}`);
    if (!url.ok || this.#certificates === undefined) throw new Error('the test server is not up');
    return {
      cluster: 'test',
      server: url.value,
      caPem: this.#certificates.caPem,
      credential: { kind: 'token', token: sensitive('test-token') },
      ...overrides,
    };
  }

  put(name: string, fields: Record<string, unknown> = {}): void {
    this.collection.put(name, fields);
    this.#flush();
  }

  delete(name: string): void {
    this.collection.delete(name);
    this.#flush();
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.collection.version) };
    for (const watcher of this.#watchers) {
      watcher.write(`${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata } })}\n`);
    }
  }

  /** Writes raw text into every watch. */
  writeToWatches(text: string): void {
    for (const watcher of this.#watchers) watcher.write(text);
  }

  endWatches(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  resetWatches(): void {
    for (const watcher of this.#watchers) watcher.socket?.destroy();
  }

  get nWatches(): number {
    return this.#watchers.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://test');
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    this.seen.push({ method: request.method ?? '', url, headers: request.headers, body });
    const fault = this.fault(request);
    if (fault !== undefined) return fault(response, request);
    if (request.headers.authorization !== 'Bearer test-token') {
      return status(response, { code: 401, reason: 'Unauthorized' });
    }
    const match = PATH.exec(url.pathname);
    if (match === null) return status(response, { code: 404, reason: 'NotFound' });
    const name = match[1];
    if (name !== undefined) return this.#handleObject(response, { method: request.method ?? '', name, body });
    if (request.method === 'POST') return this.#create(response, body);
    if (url.searchParams.get('watch') === 'true') return this.#watch(response, url);
    this.#list(response, url);
  }

  #handleObject(response: ServerResponse, call: { method: string; name: string; body: string }): void {
    const live = this.collection.objects.get(call.name);
    if (call.method === 'PATCH') {
      this.put(call.name, JSON.parse(call.body) as Record<string, unknown>);
      return json(response, 200, this.collection.objects.get(call.name));
    }
    if (live === undefined) return status(response, { code: 404, reason: 'NotFound' });
    if (call.method === 'GET') return json(response, 200, live);
    if (call.method === 'PUT') {
      const sent = JSON.parse(call.body) as { metadata: { resourceVersion?: string } };
      const expected = sent.metadata.resourceVersion;
      if (expected !== undefined && expected !== live.metadata.resourceVersion) {
        return status(response, { code: 409, reason: 'Conflict' });
      }
      this.put(call.name, sent);
      return json(response, 200, this.collection.objects.get(call.name));
    }
    const options = JSON.parse(call.body) as { preconditions?: { uid?: string } };
    const uid = options.preconditions?.uid;
    if (uid !== undefined && uid !== live.metadata.uid)
      return status(response, { code: 409, reason: 'Conflict' });
    this.delete(call.name);
    status(response, { code: 200 });
  }

  #create(response: ServerResponse, body: string): void {
    const sent = JSON.parse(body) as { metadata: { name: string } };
    if (this.collection.objects.has(sent.metadata.name)) {
      return status(response, { code: 409, reason: 'AlreadyExists' });
    }
    this.put(sent.metadata.name, sent);
    json(response, 201, this.collection.objects.get(sent.metadata.name));
  }

  #list(response: ServerResponse, url: URL): void {
    const limit = Number(url.searchParams.get('limit') ?? 0);
    const token = url.searchParams.get('continue');
    const [version, after] = token === null ? [this.collection.version, ''] : parseToken(token);
    if (version < this.collection.compactedVersion) return status(response, { code: 410, reason: 'Expired' });
    const rest = this.collection.sorted().filter((object) => object.metadata.name > after);
    const items = limit > 0 ? rest.slice(0, limit) : rest;
    const last = items.at(-1)?.metadata.name ?? '';
    const more = items.length < rest.length;
    json(response, 200, {
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version), ...(more ? { continue: `${version}:${last}` } : {}) },
      items,
    });
  }

  #watch(response: ServerResponse, url: URL): void {
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (from < this.collection.compactedVersion) return status(response, { code: 410, reason: 'Expired' });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#sent.set(response, from);
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
    this.#flush();
  }

  readonly #sent = new WeakMap<ServerResponse, number>();

  #flush(): void {
    for (const watcher of this.#watchers) {
      const sent = this.#sent.get(watcher) ?? 0;
      for (const recorded of this.collection.history) {
        if (recorded.version > sent) watcher.write(line(recorded));
      }
      this.#sent.set(watcher, this.collection.version);
    }
  }
}

export function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function status(
  response: ServerResponse,
  answer: { code: number; reason?: string; message?: string; retryAfter?: string; details?: unknown },
): void {
  response.writeHead(answer.code, {
    'content-type': 'application/json',
    ...(answer.retryAfter === undefined ? {} : { 'retry-after': answer.retryAfter }),
  });
  response.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: answer.code < 400 ? 'Success' : 'Failure',
      code: answer.code,
      reason: answer.reason,
      message: answer.message ?? answer.reason,
      details: answer.details,
    }),
  );
}

function line(recorded: Recorded): string {
  return `${JSON.stringify({ type: recorded.type, object: recorded.object })}\n`;
}

function parseToken(token: string): [number, string] {
  const colon = token.indexOf(':');
  return [Number(token.slice(0, colon)), token.slice(colon + 1)];
}
