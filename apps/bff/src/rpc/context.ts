import type { Console, Principal } from '../api/console.ts';
import type { CallLimits } from './call-limits.ts';

/** What every call has: the console, and who calls, if anybody is signed in. */
export interface Context {
  readonly console: Console;
  readonly limits: CallLimits;
  readonly principal: Principal | undefined;
  /** Counts a call that was carried out. */
  readonly countCall: (path: string, outcome: 'ok' | 'error') => void;
}
