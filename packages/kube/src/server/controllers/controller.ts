import type { StoreEvent } from '../storage/record.ts';

/** A loop of the server's own that keeps some rule true. */
export interface Controller {
  /** Looks at everything once, at start. */
  readonly start: () => void;
  /** Is told of each commit. Must be quick and must not throw. */
  readonly notice: (events: readonly StoreEvent[]) => void;
  readonly close: () => Promise<void>;
}
