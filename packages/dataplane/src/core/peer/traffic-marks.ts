/**
 * What went to and fro between a device and a peer, as far as timers depend on it. Whoever carries the packets makes
 * the marks: the protocol core, or a data path of its own. Times are milliseconds since the Unix epoch.
 */
export interface TrafficMarks {
  /** Whether marks are made without telling. Timers look at them anew from time to time then. */
  readonly isShared: boolean;

  /** An authenticated message was sent; with payload, or a keepalive or handshake message. */
  sent(nowMs: number, hasData: boolean): void;

  /** An authenticated message was received. */
  received(nowMs: number, hasData: boolean): void;

  read(): TrafficMarksView;

  /** Overwrites what is named. */
  change(marks: Partial<Omit<TrafficMarksView, 'lastTraversalMs'>>): void;

  /** Forgets everything. */
  clear(): void;
}

export interface TrafficMarksView {
  /** When data was sent first after anything was received. */
  readonly dataSentSinceMs: number | undefined;
  /** When data was received first after anything was sent. */
  readonly dataReceivedSinceMs: number | undefined;
  /** More data was received after that; stays until it is taken back. */
  readonly isMoreReceived: boolean;
  /** When a message was sent or received last. */
  readonly lastTraversalMs: number | undefined;
}

const NONE: TrafficMarksView = {
  dataSentSinceMs: undefined,
  dataReceivedSinceMs: undefined,
  isMoreReceived: false,
  lastTraversalMs: undefined,
};

/** Marks of packets that the protocol core carries itself. */
export class LocalTrafficMarks implements TrafficMarks {
  readonly isShared = false;
  readonly #marks: { -readonly [Name in keyof TrafficMarksView]: TrafficMarksView[Name] } = { ...NONE };

  sent(nowMs: number, hasData: boolean): void {
    const marks = this.#marks;
    marks.lastTraversalMs = nowMs;
    marks.dataReceivedSinceMs = undefined;
    if (hasData) marks.dataSentSinceMs ??= nowMs;
  }

  received(nowMs: number, hasData: boolean): void {
    const marks = this.#marks;
    marks.lastTraversalMs = nowMs;
    marks.dataSentSinceMs = undefined;
    if (!hasData) return;
    if (marks.dataReceivedSinceMs === undefined) marks.dataReceivedSinceMs = nowMs;
    else marks.isMoreReceived = true;
  }

  read(): TrafficMarksView {
    return this.#marks;
  }

  change(marks: Partial<Omit<TrafficMarksView, 'lastTraversalMs'>>): void {
    Object.assign(this.#marks, marks);
  }

  clear(): void {
    Object.assign(this.#marks, NONE);
  }
}
