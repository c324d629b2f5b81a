import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../api/console.ts';
import type { SessionRow, SessionStore } from '../journal/session-store.ts';

/** A session that nobody uses ends after this. An open event stream alone is no use. */
export const IDLE_TIMEOUT_MS = 30 * 60_000;
/** A session ends after this, used or not. */
export const ABSOLUTE_TIMEOUT_MS = 12 * 3_600_000;
/** A one-time link that nobody opens stops working after this. */
export const LINK_TIMEOUT_MS = 12 * 3_600_000;
/** Use is written to the journal at most this often, so that reading costs no write. */
const TOUCH_EVERY_MS = 60_000;
const SECRET_BYTES = 32;
const MAX_LINKS = 20;

export interface SessionsDeps {
  readonly store: SessionStore;
  readonly nowMs: () => number;
  readonly randomBytes: (nBytes: number) => Uint8Array;
}

/**
 * Who is signed in. Secrets are 256 random bits; only their hashes are kept, in memory and in the journal, so
 * that a session survives a restart and ends at once when it is ended.
 *
 *   link --exchange--> session --idle, too old, logout--> ended (its signal is aborted)
 */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #byHash = new Map<string, LiveSession>();
  /** Hash of each link's token and when it stops working. */
  readonly #links = new Map<string, number>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    for (const row of deps.store.all()) this.#byHash.set(row.idHash, liveSession(row));
    this.endExpired();
  }

  /** A new single-use token for a link that signs in. */
  createLinkToken(): { token: string; expiresAtMs: number } {
    const token = this.#secret();
    const expiresAtMs = this.#deps.nowMs() + LINK_TIMEOUT_MS;
    this.#links.set(hashOf(token), expiresAtMs);
    for (const oldest of this.#links.keys()) {
      if (this.#links.size <= MAX_LINKS) break;
      this.#links.delete(oldest);
    }
    return { token, expiresAtMs };
  }

  /**
   * Exchanges a link's token for a new session's secret; the token works no more. `previous`, the secret of a
   * session that the browser had, is ended. Undefined where the token is none.
   */
  exchange(token: string, person: string, previous: string | undefined): string | undefined {
    const nowMs = this.#deps.nowMs();
    const hash = hashOf(token);
    const expiresAtMs = this.#links.get(hash);
    if (expiresAtMs === undefined || expiresAtMs <= nowMs) {
      this.#links.delete(hash);
      return undefined;
    }
    const secret = this.#secret();
    const row = { idHash: hashOf(secret), person, createdAtMs: nowMs, lastUsedAtMs: nowMs };
    // a full disk throws here, and the link works again once there is space
    this.#deps.store.insert(row);
    this.#links.delete(hash);
    if (previous !== undefined) this.#end(hashOf(previous));
    this.#byHash.set(row.idHash, liveSession(row));
    return secret;
  }

  /** Whose session the secret is; `used` says that the person did something with it. */
  find(secret: string, used: boolean): Principal | undefined {
    const session = this.#byHash.get(hashOf(secret));
    if (session === undefined) return undefined;
    const nowMs = this.#deps.nowMs();
    if (isExpired(session, nowMs)) {
      this.#end(session.idHash);
      return undefined;
    }
    if (used) this.#touch(session, nowMs);
    return {
      person: session.person,
      kind: 'session',
      sessionKey: session.idHash,
      expiresAtMs: session.createdAtMs + ABSOLUTE_TIMEOUT_MS,
      idleExpiresAtMs: session.lastUsedAtMs + IDLE_TIMEOUT_MS,
    };
  }

  /** Aborted when the session ends; already aborted for one that is not there. */
  endedSignal(sessionKey: string): AbortSignal {
    return this.#byHash.get(sessionKey)?.ended.signal ?? AbortSignal.abort();
  }

  end(sessionKey: string): void {
    this.#end(sessionKey);
  }

  /** Ends every session and says how many there were. */
  endAll(): number {
    const hashes = [...this.#byHash.keys()];
    for (const hash of hashes) this.#end(hash);
    return hashes.length;
  }

  /** Ends what is too old or idle. Called every few seconds, so that open streams end too. */
  endExpired(): void {
    const nowMs = this.#deps.nowMs();
    for (const session of this.#byHash.values()) if (isExpired(session, nowMs)) this.#end(session.idHash);
  }

  #touch(session: LiveSession, nowMs: number): void {
    session.lastUsedAtMs = nowMs;
    if (nowMs - session.keptAtMs < TOUCH_EVERY_MS) return;
    session.keptAtMs = nowMs;
    try {
      this.#deps.store.touch(session.idHash, nowMs);
    } catch {
      // a full disk must not sign anybody out; memory has the time
    }
  }

  #end(idHash: string): void {
    const session = this.#byHash.get(idHash);
    if (session === undefined) return;
    this.#byHash.delete(idHash);
    session.ended.abort();
    this.#deps.store.remove(idHash);
  }

  #secret(): string {
    return Buffer.from(this.#deps.randomBytes(SECRET_BYTES)).toString('base64url');
  }
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

interface LiveSession {
  readonly idHash: string;
  readonly person: string;
  readonly createdAtMs: number;
  lastUsedAtMs: number;
  keptAtMs: number;
  readonly ended: AbortController;
}

function liveSession(row: SessionRow): LiveSession {
  return { ...row, keptAtMs: row.lastUsedAtMs, ended: new AbortController() };
}

function isExpired(session: LiveSession, nowMs: number): boolean {
  return (
    nowMs >= session.createdAtMs + ABSOLUTE_TIMEOUT_MS ||
    nowMs >= session.lastUsedAtMs + IDLE_TIMEOUT_MS ||
    nowMs < session.createdAtMs - ABSOLUTE_TIMEOUT_MS
  );
}

function hashOf(secret: string): string {
  return digest(secret).toString('hex');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
