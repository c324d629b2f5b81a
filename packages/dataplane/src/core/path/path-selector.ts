/**
 * Chooses how to reach one peer: which of its endpoints, or which relay. A path counts only after a probe inside
 * the tunnel has passed; a handshake alone is not "up".
 *
 * ```
 *            probe passed                     probes failed
 *   trying ───────────────► up ───────────────────────────────┐
 *     ▲ │ each endpoint, then each relay                        │
 *     │ └── none passed ──► down ── after a pause ──► trying ◄──┘
 * ```
 *
 * After each `handle*` or `setChoices`, drain `pollCommand`, then arm one timer for `pollTimeout`. While relayed,
 * the direct endpoints, and relays before the one in use, are tried again from time to time, without leaving that
 * relay before one of them passes.
 */
import { sameEndpoint, type UdpEndpoint } from '../peer/udp-endpoint.ts';
import { together } from './together.ts';

/** A way to a peer. `passive`: no endpoint is known, the peer must speak first. */
export type Path<Relay> =
  | { readonly kind: 'direct'; readonly endpoint: UdpEndpoint }
  | { readonly kind: 'passive' }
  | { readonly kind: 'via'; readonly relay: Relay };

/**
 * What to do. `use`: point the peer's tunnel at an endpoint, or make ready to reach it through a relay; packets of
 * members follow `path()`. `probe`: send a probe through the path and report on it.
 */
export type PathCommand<Relay> =
  | { readonly kind: 'use'; readonly path: Path<Relay> }
  | { readonly kind: 'probe'; readonly path: Path<Relay>; readonly attempt: number };

export type PathState = 'trying' | 'up' | 'down';

export interface PathSelectorOptions {
  /** How long a path that is tried has to pass a probe. @default 1500 */
  readonly attemptMs: number;
  /** Time between the probes of a path that is up. @default 1000 */
  readonly livenessMs: number;
  /** Failed probes in a row that end a path. @default 2 */
  readonly failuresToGiveUp: number;
  /** Pause after nothing has passed. @default 5000 */
  readonly pauseMs: number;
  /** How often what is better is tried again while relayed. @default 30000 */
  readonly betterAgainMs: number;
}

const DEFAULTS: PathSelectorOptions = {
  attemptMs: 1_500,
  livenessMs: 1_000,
  failuresToGiveUp: 2,
  pauseMs: 5_000,
  betterAgainMs: 30_000,
};

/** `Relay` names a relay and is compared by `===`. */
export class PathSelector<Relay> {
  readonly #options: PathSelectorOptions;
  #paths: readonly Path<Relay>[] = [{ kind: 'passive' }];
  #index = 0;
  #state: PathState = 'trying';
  /** The relay that carries packets while something better is tried again. */
  #fallback: Path<Relay> | undefined;
  #nFailures = 0;
  #attempt = 0;
  /** The first probe of the path that is tried or up. */
  #firstAttempt = 1;
  #deadlineMs: number | undefined;
  #betterAgainAtMs = Infinity;
  readonly #commands: PathCommand<Relay>[] = [];

  constructor(options: Partial<PathSelectorOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The peer's endpoints and relays, best first. What is up stays, as long as it is still a choice. */
  setChoices(
    choices: { readonly endpoints: readonly UdpEndpoint[]; readonly relays: readonly Relay[] },
    nowMs: number,
  ): void {
    const direct = choices.endpoints.map((endpoint) => ({ kind: 'direct', endpoint }) as const);
    const relayed = choices.relays.map((relay) => ({ kind: 'via', relay }) as const);
    const current = this.#current();
    this.#paths = [...(direct.length > 0 ? direct : [{ kind: 'passive' } as const]), ...relayed];
    const index = this.#paths.findIndex((path) => samePath(path, current));
    if (index >= 0 && this.#state === 'up') this.#index = index;
    else this.#try(0, nowMs);
  }

  state(): PathState {
    return this.#state;
  }

  /** The path that carries packets; nothing while none has passed. */
  path(): Path<Relay> | undefined {
    return this.#state === 'up' ? this.#current() : this.#fallback;
  }

  /**
   * A probe passed, or was not answered in its time. Reports on paths that were left change nothing; one on a probe
   * before the last still counts, for a lost probe may be known only after the next was sent.
   */
  handleProbeResult(result: { readonly attempt: number; readonly passed: boolean }, nowMs: number): void {
    if (result.attempt < this.#firstAttempt) return;
    if (result.passed) {
      this.#nFailures = 0;
      if (this.#state !== 'up') this.#becomeUp(nowMs);
      return;
    }
    if (this.#state !== 'up' || ++this.#nFailures < this.#options.failuresToGiveUp) return;
    this.#try(0, nowMs);
  }

  /**
   * The peer was heard straight while packets go through a relay: it has perhaps returned to a direct path already, on
   * which this end takes nothing from it. Direct endpoints are tried at once.
   */
  handleHeard(nowMs: number): void {
    if (this.#state === 'up' && this.#current().kind === 'via') this.#tryBetter(nowMs);
  }

  /** The peer was heard from another endpoint, authenticated: what is tried gets its full time anew. */
  handleRoamed(nowMs: number): void {
    if (this.#state === 'trying') this.#deadlineMs = nowMs + this.#options.attemptMs;
  }

  handleTimeout(nowMs: number): void {
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return;
    switch (this.#state) {
      case 'up':
        return this.#stayAlive(nowMs);
      case 'trying':
        return this.#try(this.#index + 1, nowMs);
      case 'down':
        return this.#try(0, nowMs);
    }
  }

  pollCommand(): PathCommand<Relay> | undefined {
    return this.#commands.shift();
  }

  pollTimeout(): number | undefined {
    return this.#deadlineMs;
  }

  #try(index: number, nowMs: number): void {
    const path = this.#paths[index];
    const isBackAtRelay =
      this.#fallback !== undefined && (path === undefined || samePath(path, this.#fallback));
    if (isBackAtRelay) return this.#returnToRelay(nowMs);
    this.#nFailures = 0;
    if (path === undefined) {
      this.#state = 'down';
      this.#deadlineMs = nowMs + this.#options.pauseMs;
      return;
    }
    this.#state = 'trying';
    this.#index = index;
    this.#firstAttempt = this.#attempt + 1;
    this.#deadlineMs = nowMs + this.#options.attemptMs;
    this.#commands.push({ kind: 'use', path });
    this.#probe(path);
  }

  #becomeUp(nowMs: number): void {
    this.#state = 'up';
    this.#fallback = undefined;
    this.#deadlineMs = together(nowMs, this.#options.livenessMs);
    this.#betterAgainAtMs = this.#current().kind === 'via' ? nowMs + this.#options.betterAgainMs : Infinity;
  }

  #stayAlive(nowMs: number): void {
    if (nowMs >= this.#betterAgainAtMs) return this.#tryBetter(nowMs);
    this.#deadlineMs = together(nowMs, this.#options.livenessMs);
    this.#probe(this.#current());
  }

  #tryBetter(nowMs: number): void {
    this.#fallback = this.#current();
    this.#try(0, nowMs);
  }

  #returnToRelay(nowMs: number): void {
    this.#index = this.#paths.findIndex((path) => samePath(path, this.#fallback));
    if (this.#index < 0) {
      this.#fallback = undefined;
      return this.#try(0, nowMs);
    }
    this.#firstAttempt = this.#attempt + 1;
    this.#becomeUp(nowMs);
    this.#probe(this.#current());
  }

  #probe(path: Path<Relay>): void {
    this.#commands.push({ kind: 'probe', path, attempt: ++this.#attempt });
  }

  #current(): Path<Relay> {
    return this.#paths[this.#index] ?? { kind: 'passive' };
  }
}

function samePath<Relay>(a: Path<Relay>, b: Path<Relay> | undefined): boolean {
  if (a.kind === 'direct') return b?.kind === 'direct' && sameEndpoint(a.endpoint, b.endpoint);
  if (a.kind === 'via') return b?.kind === 'via' && a.relay === b.relay;
  return b?.kind === 'passive';
}
