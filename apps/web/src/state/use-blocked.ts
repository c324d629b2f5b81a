'use client';
import { useLive } from '../live/live-store.ts';

/** Why nothing may be changed now, in words; undefined where it may. */
export function useBlocked(): string | undefined {
  const connection = useLive((live) => live.connection);
  switch (connection.kind) {
    case 'live':
      return undefined;
    case 'connecting':
      return 'The console is still connecting';
    case 'lost':
      return 'The connection is lost, so what is shown may be old. Actions are off until it is back';
    case 'signed-out':
      return 'The session has ended. Open a new link: npx flatland open';
  }
}
