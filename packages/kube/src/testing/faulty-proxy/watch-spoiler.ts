import type { WatchFault } from './fault.ts';

/** What is done to the client's side of a watch. */
export type WatchAction =
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'end' | 'reset' };

const END: WatchAction = { kind: 'end' };
const GONE = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'too old resource version',
    reason: 'Expired',
    code: 410,
  },
};

/** Spoils one watch, line by line. */
export class WatchSpoiler {
  #fault: WatchFault | undefined;
  #nEvents = 0;
  #isOver = false;
  /** The first of two events that change places. */
  #held: string | undefined;

  constructor(fault: WatchFault | undefined) {
    this.#fault = fault;
  }

  /** Spoils what comes from now on, where the stream is not over yet. What ends it needs no further event. */
  spoil(kind: WatchFault['kind']): WatchAction[] {
    if (this.#isOver) return [];
    this.#fault = { kind, afterEvents: 0 };
    this.#nEvents = 0;
    if (kind === 'gone-on-start') return this.spoil('gone-event');
    return ['gone-event', 'close', 'reset', 'silence'].includes(kind) ? this.#strike('') : [];
  }

  /** Takes a line of the server, without its end, and gives what the client gets. */
  push(line: string): WatchAction[] {
    if (this.#isOver) return [];
    this.#nEvents += 1;
    if (this.#fault === undefined || this.#nEvents <= this.#fault.afterEvents) return [write(line)];
    return this.#strike(line);
  }

  /** The server ended the stream. */
  end(): WatchAction[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    return [...this.#release(), END];
  }

  #strike(line: string): WatchAction[] {
    const kind = this.#fault!.kind;
    switch (kind) {
      case 'gone-on-start':
        return [write(line)];
      case 'gone-event':
        return this.#over(write(JSON.stringify(GONE)), END);
      case 'close':
        return this.#over(END);
      case 'reset':
        return this.#over({ kind: 'reset' });
      case 'silence':
        return this.#over();
      case 'truncated-line':
        return this.#over({ kind: 'write', text: line.slice(0, Math.ceil(line.length / 2)) }, END);
      case 'garbage-line':
        this.#fault = undefined;
        return [write(line.slice(0, Math.ceil(line.length / 2)))];
      case 'bookmarks':
        return [write(line), ...bookmarkAfter(line)];
      case 'duplicate':
        return [write(line), write(line)];
      case 'reorder':
        if (this.#held === undefined) {
          this.#held = line;
          return [];
        }
        this.#fault = undefined;
        return [write(line), ...this.#release()];
    }
  }

  #over(...actions: WatchAction[]): WatchAction[] {
    this.#isOver = true;
    return [...this.#release(), ...actions];
  }

  #release(): WatchAction[] {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? [] : [write(held)];
  }
}

function write(line: string): WatchAction {
  return { kind: 'write', text: `${line}\n` };
}

function bookmarkAfter(line: string): WatchAction[] {
  const { type, object } = JSON.parse(line) as { type: string; object: { metadata?: object } };
  const version = (object.metadata as { resourceVersion?: string } | undefined)?.resourceVersion;
  if (type === 'ERROR' || version === undefined) return [];
  return [write(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } }))];
}
