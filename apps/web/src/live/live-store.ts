import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import { create } from 'zustand';
import { NOTHING_KNOWN, applyEvent, type LiveState } from './live-state.ts';

/** `lost`: the stream broke, what is shown is as old as `sinceMs`. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly message: string }
  | { readonly kind: 'signed-out' };

interface LiveStore extends LiveState {
  /** True after the first snapshot. */
  readonly known: boolean;
  readonly connection: Connection;
  readonly receive: (events: readonly ConsoleEvent[]) => void;
  readonly connected: (connection: Connection) => void;
}

/** What the event stream told, and how the stream is. */
export const useLive = create<LiveStore>((set) => ({
  ...NOTHING_KNOWN,
  known: false,
  connection: { kind: 'connecting' },
  receive: (events) =>
    set((state) => ({
      ...events.reduce<LiveState>((live, event) => applyEvent(live, event), state),
      known: state.known || events.some((event) => event.kind === 'snapshot'),
    })),
  connected: (connection) => set({ connection }),
}));
