import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { ServerUnderTest } from './server-under-test.ts';

/** Any JSON; tests read it freely. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  readonly code: number;
  readonly body: Json;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

export interface SendOptions {
  readonly headers?: Record<string, string>;
  readonly token?: string | undefined;
  readonly body?: Json;
  readonly contentType?: string;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: Json;
}

/** A watch as its client sees it. */
export interface OpenWatch {
  /** The next event; rejects when none comes in time. */
  readonly next: (timeoutMs?: number) => Promise<WatchEvent>;
  /** Reads on until an event fits; gives all events up to it. */
  readonly until: (fits: (event: WatchEvent) => boolean, timeoutMs?: number) => Promise<WatchEvent[]>;
  /** Resolves when the server ends it. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

const WAIT_MS = 30_000;

/** Plain HTTP to one server, nothing between the test and the wire. */
export class Api {
  readonly #server: ServerUnderTest;
  readonly #agent: Agent;
  /** Shows no client certificate: for requests as somebody else, or as nobody. */
  readonly #strangersAgent: Agent;

  constructor(server: ServerUnderTest) {
    this.#server = server;
    const trust = server.caCertPem === undefined ? { rejectUnauthorized: false } : { ca: server.caCertPem };
    const own = server.clientCertificate;
    this.#strangersAgent = new Agent({ keepAlive: true, ...trust });
    this.#agent = new Agent({
      keepAlive: true,
      ...trust,
      ...(own && { cert: own.certPem, key: own.keyPem }),
    });
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const response = await this.#open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    return {
      code: response.statusCode ?? 0,
      body: /^[{[]/.test(text) ? JSON.parse(text) : undefined,
      text,
      headers: response.headers,
    };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  create(path: string, body: Json): Promise<Answer> {
    return this.send('POST', path, { body });
  }

  put(path: string, body: Json): Promise<Answer> {
    return this.send('PUT', path, { body });
  }

  delete(path: string, body?: Json): Promise<Answer> {
    return this.send('DELETE', path, body === undefined ? {} : { body });
  }

  merge(path: string, body: Json): Promise<Answer> {
    return this.send('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  }

  strategic(path: string, body: Json): Promise<Answer> {
    return this.send('PATCH', path, { body, contentType: 'application/strategic-merge-patch+json' });
  }

  jsonPatch(path: string, body: Json): Promise<Answer> {
    return this.send('PATCH', path, { body, contentType: 'application/json-patch+json' });
  }

  /** Server-side apply; `query` holds more parameters (`force=true`). */
  apply(path: string, manager: string, body: Json, query = ''): Promise<Answer> {
    const full = `${path}?fieldManager=${manager}${query === '' ? '' : `&${query}`}`;
    return this.send('PATCH', full, { body, contentType: 'application/apply-patch+yaml' });
  }

  async watch(path: string, headers: Record<string, string> = {}): Promise<OpenWatch> {
    const response = await this.#open('GET', path, { headers });
    if (response.statusCode !== 200) throw new Error(`watch ${path} answered ${response.statusCode}`);
    return readEvents(response);
  }

  close(): void {
    this.#agent.destroy();
    this.#strangersAgent.destroy();
  }

  #open(method: string, path: string, options: SendOptions): Promise<IncomingMessage> {
    const { body, contentType = 'application/json', headers = {} } = options;
    const token = 'token' in options ? options.token : this.#server.token;
    const bytes =
      body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = httpsRequest(`${this.#server.url}${path}`, {
        method,
        agent: 'token' in options ? this.#strangersAgent : this.#agent,
        headers: {
          accept: 'application/json',
          'user-agent': 'conformance/1.0',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(bytes && { 'content-type': contentType, 'content-length': String(bytes.length) }),
          ...headers,
        },
      });
      request.once('response', resolve);
      request.once('error', reject);
      request.end(bytes);
    });
  }
}

function readEvents(response: IncomingMessage): OpenWatch {
  const waiting: WatchEvent[] = [];
  let wake: (() => void) | undefined;
  let rest = '';
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      isOver = true;
      resolve();
      wake?.();
    });
  });
  response.on('error', () => {});
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') waiting.push(JSON.parse(line) as WatchEvent);
    wake?.();
  });
  const next = async (timeoutMs = WAIT_MS): Promise<WatchEvent> => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const event = waiting.shift();
      if (event) return event;
      const leftMs = deadline - Date.now();
      if (isOver || leftMs <= 0) throw new Error(isOver ? 'the watch has ended' : 'no event came in time');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const until = async (fits: (event: WatchEvent) => boolean, timeoutMs = WAIT_MS): Promise<WatchEvent[]> => {
    const seen: WatchEvent[] = [];
    for (;;) {
      const event = await next(timeoutMs);
      seen.push(event);
      if (fits(event)) return seen;
    }
  };
  return { next, until, ended, close: () => response.destroy() };
}

/** Asks again until an answer fits, for what the server does by and by. */
export async function eventually(
  ask: () => Promise<Answer>,
  fits: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
