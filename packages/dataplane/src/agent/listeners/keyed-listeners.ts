import type { LogPort } from '../../ports/log.ts';
import type { Listener } from '../../ports/namespace-sockets.ts';

/** A listener to have, and how it is opened. */
export interface WantedListener {
  readonly key: string;
  open(): Promise<Listener>;
}

/** Keeps just the wanted listeners open. One that cannot be opened is tried again at the next call. */
export class KeyedListeners {
  readonly #log: LogPort;
  readonly #open = new Map<string, Listener>();
  #turn: Promise<void> = Promise.resolve();

  constructor(log: LogPort) {
    this.#log = log;
  }

  /** Closes what is not wanted any more, then opens what is missing. Gives the keys that are open. */
  follow(wanted: readonly WantedListener[]): Promise<ReadonlySet<string>> {
    const turn = this.#turn.then(() => this.#follow(wanted));
    this.#turn = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  async #follow(wanted: readonly WantedListener[]): Promise<ReadonlySet<string>> {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, listener] of this.#open)
      if (!keys.has(key)) {
        this.#open.delete(key);
        await listener.close().catch(() => {});
      }
    await Promise.all(
      wanted.map(async (listener) => {
        const { key } = listener;
        if (this.#open.has(key)) return;
        try {
          this.#open.set(key, await listener.open());
        } catch (error) {
          this.#log.debug({ listener: key, error: String(error) }, 'cannot listen');
        }
      }),
    );
    return new Set(this.#open.keys());
  }
}
