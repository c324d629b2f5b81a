/** How costly a procedure is: which of a session’s budgets its calls draw from. */
export type CallClass = 'read' | 'write' | 'plan' | 'probe' | 'stream';

/** The budgets of calls. HTTP limits alone do not hold, because one request can carry a batch of calls. */
export interface CallLimits {
  /** Draws one call; `retryAfterMs` when the budget is used up. */
  draw(sessionKey: string, callClass: CallClass): Promise<{ ok: true } | { ok: false; retryAfterMs: number }>;
  /** Takes one of the session’s places for open streams; call the result to give it back. */
  openStream(sessionKey: string): { ok: true; close: () => void } | { ok: false };
}
