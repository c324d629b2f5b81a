/** Remembers when each state became what it is. */
export class Since {
  readonly #nowMs: () => number;
  readonly #states = new Map<string, { readonly state: string; readonly atMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The moment from which the key has had this state. */
  moment(key: string, state: string): number {
    const known = this.#states.get(key);
    if (known?.state === state) return known.atMs;
    const atMs = this.#nowMs();
    this.#states.set(key, { state, atMs });
    return atMs;
  }
}
