import { once } from 'node:events';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { makeCertificates } from '../certificates.ts';
import type { Certificates } from '../certificates.ts';
import { NO_FAULTS } from './fault.ts';
import type { CallFault, FaultSource, ProxiedCall, WatchFault } from './fault.ts';
import { WatchSpoiler } from './watch-spoiler.ts';
import type { WatchAction } from './watch-spoiler.ts';

/** The API server behind the proxy. */
export interface Upstream {
  readonly url: string;
  readonly caCertPem: string;
}

/** `reset`: every connection breaks at once. `silence`: connections stand, and nothing comes through. */
export type Cut = 'reset' | 'silence';

interface OpenWatch {
  readonly spoiler: WatchSpoiler;
  readonly perform: (actions: readonly WatchAction[]) => void;
}

/**
 * An HTTPS proxy in front of an API server that breaks calls and watches on purpose, as `faults` says, and that can
 * be cut off as a whole. Clients reach it by its own URL and CA, with the server's credentials.
 */
export class FaultyProxy implements AsyncDisposable {
  faults: FaultSource = NO_FAULTS;
  /** How often each fault struck, by its kind; watches as `watch KIND`. */
  readonly struck = new Map<string, number>();
  readonly #upstream: Upstream;
  readonly #agent: Agent;
  readonly #certificates: Certificates;
  readonly #server: Server;
  readonly #watches = new Set<OpenWatch>();
  readonly #sockets = new Set<Socket>();
  #isReset = false;
  #healed = Promise.resolve();
  #heal = () => {};

  private constructor(upstream: Upstream, certificates: Certificates) {
    this.#upstream = upstream;
    this.#certificates = certificates;
    this.#agent = new Agent({ ca: upstream.caCertPem, keepAlive: true });
    const { certificatePem: cert, keyPem: key } = certificates;
    this.#server = createServer({ cert, key }, (request, response) => {
      void this.#handle(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket: Socket) => this.#admit(socket));
  }

  static async start(upstream: Upstream, faults: FaultSource = NO_FAULTS): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(upstream, await makeCertificates());
    proxy.faults = faults;
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get caCertPem(): string {
    return this.#certificates.caPem;
  }

  get nWatches(): number {
    return this.#watches.size;
  }

  /** Spoils every watch that is open now. */
  spoilWatches(kind: WatchFault['kind']): void {
    for (const { spoiler, perform } of this.#watches) {
      this.#count(`watch ${kind}`);
      perform(spoiler.spoil(kind));
    }
  }

  /** Cuts the server off until `heal`. */
  cut(how: Cut): void {
    this.heal();
    this.#isReset = how === 'reset';
    this.#healed = new Promise((resolve) => (this.#heal = resolve));
    if (how === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Ends a cut. What was held back in silence comes through. */
  heal(): void {
    this.#isReset = false;
    this.#heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#isReset) socket.resetAndDestroy();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    await this.#healed;
    const path = request.url ?? '/';
    const isWatch = /[?&]watch=(true|1)(&|$)/.test(path);
    const call: ProxiedCall = { method: request.method ?? 'GET', path, isWatch };
    const fault = this.faults.call(call);
    if (fault !== undefined) return this.#spoil(fault, { request, response, body });
    if (isWatch) return this.#watch(call, { request, response, body });
    const answer = await this.#forward({ request, response, body });
    const text = await readAll(answer);
    await this.#healed;
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.end(text);
  }

  async #spoil(fault: CallFault, exchange: Exchange): Promise<void> {
    this.#count(fault.kind);
    const { request, response } = exchange;
    let body = Buffer.alloc(0);
    let status = 200;
    if (fault.hasDoneIt && !isWatchOf(request)) {
      const answer = await this.#forward(exchange);
      status = answer.statusCode ?? 502;
      body = await readAll(answer);
    }
    switch (fault.kind) {
      case 'silence':
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'half-body':
        response.writeHead(status, {
          'content-type': 'application/json',
          'content-length': String(body.length + 2),
        });
        response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"kind":<html>');
        return;
      case '429':
      case '500':
      case '503':
      case '504':
        answerStatus(response, Number(fault.kind), fault.retryAfterSeconds);
    }
  }

  async #watch(call: ProxiedCall, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    const fault = this.faults.watch(call);
    if (fault !== undefined) this.#count(`watch ${fault.kind}`);
    if (fault?.kind === 'gone-on-start') return answerStatus(response, 410);
    const answer = await this.#forward(exchange);
    if (answer.statusCode !== 200) {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      response.end(await readAll(answer));
      return;
    }
    response.writeHead(200, endToEnd(answer.headers));
    response.flushHeaders();
    const spoiler = new WatchSpoiler(fault);
    const watch: OpenWatch = { spoiler, perform: (actions) => perform(response, actions) };
    this.#watches.add(watch);
    response.on('close', () => {
      this.#watches.delete(watch);
      answer.destroy();
    });
    try {
      for await (const line of createInterface({ input: answer })) {
        await this.#healed;
        watch.perform(spoiler.push(line));
      }
    } catch {
      response.destroy();
    }
    watch.perform(spoiler.end());
  }

  /** Sends the call on. Without encodings: lines and bodies are read here. */
  #forward({ request, response, body }: Exchange): Promise<IncomingMessage> {
    const { 'accept-encoding': _, host: __, ...headers } = request.headers;
    return new Promise((resolve, reject) => {
      const forwarded = httpsRequest(
        new URL(request.url ?? '/', this.#upstream.url),
        { method: request.method, headers, agent: this.#agent },
        resolve,
      );
      forwarded.on('error', reject);
      response.on('close', () => {
        if (!response.writableFinished && isWatchOf(request)) forwarded.destroy();
      });
      forwarded.end(body);
    });
  }

  #count(kind: string): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

function isWatchOf(request: IncomingMessage): boolean {
  return /[?&]watch=/.test(request.url ?? '');
}

function perform(response: ServerResponse, actions: readonly WatchAction[]): void {
  for (const action of actions) {
    if (action.kind === 'write') response.write(action.text);
    else if (action.kind === 'end') response.end();
    else response.socket?.destroy();
  }
}

async function readAll(message: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  return Buffer.concat(await Array.fromAsync(message as AsyncIterable<Buffer>));
}

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const {
    connection: _,
    'transfer-encoding': __,
    'content-length': ___,
    'keep-alive': ____,
    ...rest
  } = headers;
  return rest;
}

function answerStatus(response: ServerResponse, code: number, retryAfterSeconds?: number): void {
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  const reason = REASONS[code];
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason }));
}

/* As the API server names them (apimachinery, `StatusReason`). */
const REASONS: Readonly<Record<number, string>> = {
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};
