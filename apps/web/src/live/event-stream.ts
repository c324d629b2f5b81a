import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import { tellError } from '../lib/console-error.ts';
import type { Client } from '../lib/trpc.ts';
import { useLive } from './live-store.ts';

/** Events that arrive within this time are applied together: longer where a redraw costs more. */
const FRAME_MS = { small: 40, large: 400 } as const;
const LARGE_ABOVE = 500;
const RESTART_AFTER_MS = 2000;

/** Keeps the tab's one event stream going until it is stopped. */
export function startEventStream(client: Client): () => void {
  let queue: ConsoleEvent[] = [];
  let flushing: ReturnType<typeof setTimeout> | undefined;
  let restarting: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let subscription: { unsubscribe(): void } | undefined;

  const flush = () => {
    flushing = undefined;
    const events = queue;
    queue = [];
    useLive.getState().receive(events);
  };
  const lost = (message: string) => {
    const { connection } = useLive.getState();
    if (connection.kind !== 'lost')
      useLive.getState().connected({ kind: 'lost', sinceMs: Date.now(), message });
  };
  const start = () => {
    subscription = client.events.subscribe.subscribe(undefined, {
      onData: ({ data }) => {
        queue.push(data);
        const { workloads } = useLive.getState().topology;
        const large = Object.keys(workloads).length > LARGE_ABOVE;
        flushing ??= setTimeout(flush, large ? FRAME_MS.large : FRAME_MS.small);
        if (useLive.getState().connection.kind !== 'live') useLive.getState().connected({ kind: 'live' });
      },
      onConnectionStateChange: ({ state, error }) => {
        if (state === 'pending') useLive.getState().connected({ kind: 'live' });
        if (state === 'connecting' && error) lost(tellError(error).message);
      },
      onError: (error) => {
        const told = tellError(error);
        if (told.code === 'not-signed-in') {
          useLive.getState().connected({ kind: 'signed-out' });
          return;
        }
        lost(told.message);
        if (!stopped) restarting = setTimeout(start, RESTART_AFTER_MS);
      },
    });
  };
  start();
  return () => {
    stopped = true;
    clearTimeout(flushing);
    clearTimeout(restarting);
    subscription?.unsubscribe();
  };
}
