import { statSync } from 'node:fs';
import { ok, type Result } from '@flatland/shared/result';
import type { EchoOutcome, EchoRequest } from '../../ports/namespace-sockets.ts';
import type { EchoSocket } from './echo-datagram.ts';
import { routerNamespacePath } from './router-namespace.ts';

/** Longer than between two probes of a peer. */
const KEEP_MS = 5000;

interface Kept {
  readonly socket: EchoSocket;
  readonly idleSinceMs: number;
}

/**
 * Sockets of routers' probes that were answered, for the next probe of the same kind to the same address: to open one
 * costs several times what the probe costs. They hold the router's namespace for some seconds after it was removed.
 */
export class KeptEchoSockets {
  readonly #idle = new Map<string, Kept>();
  readonly #keys = new WeakMap<EchoSocket, string>();
  readonly #keyOf: (request: EchoRequest) => string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `keyOf`: what makes sockets alike; nothing for those that are not kept. @default routers' sockets, by namespace */
  constructor(keyOf: (request: EchoRequest) => string | undefined = routerKey) {
    this.#keyOf = keyOf;
  }

  /** An idle socket that fits the request, else a new one. Give it back when it has its outcome. */
  async take<E>(
    request: EchoRequest,
    open: () => Promise<Result<EchoSocket, E>>,
  ): Promise<Result<EchoSocket, E>> {
    const key = this.#keyOf(request);
    const kept = key === undefined ? undefined : this.#idle.get(key);
    if (key === undefined || kept === undefined) {
      const opened = await open();
      if (opened.ok && key !== undefined) this.#keys.set(opened.value, key);
      return opened;
    }
    this.#idle.delete(key);
    return ok(kept.socket);
  }

  /** Keeps or closes a socket. One that got no answer in time is closed: that would be taken for the next one's. */
  giveBack(socket: EchoSocket, outcome: EchoOutcome): void {
    const key = this.#keys.get(socket);
    const isAnswered = outcome.kind === 'echoed' || outcome.kind === 'answered';
    if (key === undefined || !isAnswered || this.#idle.has(key)) return socket.close();
    this.#idle.set(key, { socket, idleSinceMs: performance.now() });
    this.#timer ??= setInterval(() => this.#closeIdle(), KEEP_MS);
  }

  #closeIdle(): void {
    const beforeMs = performance.now() - KEEP_MS;
    for (const [key, { socket, idleSinceMs }] of this.#idle)
      if (idleSinceMs <= beforeMs) {
        this.#idle.delete(key);
        socket.close();
      }
    if (this.#idle.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A namespace that was made anew has another number. */
function routerKey({ place, protocol, from, to, port, dontFragment }: EchoRequest): string | undefined {
  if (place.type !== 'domain') return undefined;
  const namespace = statSync(routerNamespacePath(place.domain), { throwIfNoEntry: false });
  if (namespace === undefined) return undefined;
  return [namespace.ino, protocol, from, to, port, dontFragment === true].join(' ');
}
