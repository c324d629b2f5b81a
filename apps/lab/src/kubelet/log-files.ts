import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import type { LogSource } from './read-log.ts';

/** The logs of a pod's containers: of each the run in progress, or the last one, and the one before. */
export class LogFiles {
  readonly #directory: string;
  readonly #runs = new Map<string, Run[]>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A new run of a container: where to write, and what to call at each write and at the end. */
  begin(container: string): { path: string; onWrite: () => void; onClose: () => void } {
    const runs = this.#runs.get(container) ?? [];
    const run: Run = {
      path: join(this.#directory, container, `${(runs[0]?.number ?? -1) + 1}.log`),
      number: (runs[0]?.number ?? -1) + 1,
      events: new EventEmitter().setMaxListeners(0),
      isOpen: true,
    };
    this.#runs.set(container, [run, ...runs].slice(0, 2));
    return {
      path: run.path,
      onWrite: () => run.events.emit('change'),
      onClose: () => {
        run.isOpen = false;
        // The file's last bytes may still be on their way.
        setTimeout(() => run.events.emit('change'), 20);
      },
    };
  }

  /** The log of a container, or of its run before. */
  source(container: string, previous: boolean): LogSource | undefined {
    const run = this.#runs.get(container)?.[previous ? 1 : 0];
    if (run === undefined) return undefined;
    return {
      path: run.path,
      isOpen: () => run.isOpen,
      async changed(signal) {
        // An abort ends the wait; the caller looks at the signal.
        await once(run.events, 'change', { signal }).catch(() => {});
      },
    };
  }

  /** Ends every follower. */
  close(): void {
    for (const run of [...this.#runs.values()].flat()) {
      run.isOpen = false;
      run.events.emit('change');
    }
  }
}

type Run = { readonly path: string; readonly number: number; readonly events: EventEmitter; isOpen: boolean };
