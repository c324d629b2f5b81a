import { seededRandom } from '../seeded-random.ts';
import { CALL_FAULTS, WATCH_FAULTS } from './fault.ts';
import type { CallFault, FaultSource, ProxiedCall, WatchFault } from './fault.ts';

export interface RandomFaultsOptions {
  readonly seed: number;
  /** How many of the calls are spoilt, from 0 to 1. @default 0 */
  readonly callShare?: number;
  /** How many of the watches are spoilt, from 0 to 1. @default 0 */
  readonly watchShare?: number;
  /** @default all */
  readonly callFaults?: readonly CallFault['kind'][];
  /** @default all */
  readonly watchFaults?: readonly WatchFault['kind'][];
}

const MAX_EVENTS_BEFORE = 8;

/**
 * Faults by chance, the same for the same seed: what becomes of the nth call of one method and path does not depend
 * on how calls of others fall in between.
 */
export function randomFaults(options: RandomFaultsOptions): FaultSource {
  const { seed, callShare = 0, watchShare = 0 } = options;
  const { callFaults = CALL_FAULTS, watchFaults = WATCH_FAULTS } = options;
  const counts = new Map<string, number>();

  function randomOf({ method, path, isWatch }: ProxiedCall): () => number {
    const key = `${isWatch ? 'WATCH' : method} ${path.split('?')[0]}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return seededRandom(hash(`${seed} ${key} ${nth}`));
  }

  return {
    call(call) {
      const random = randomOf(call);
      if (random() >= callShare) return undefined;
      const kind = pick(callFaults, random);
      const fault = { kind, hasDoneIt: kind === 'half-body' || kind === 'garbage' || random() < 0.5 };
      if (kind === '429') return { kind, hasDoneIt: false, retryAfterSeconds: 1 + Math.floor(random() * 3) };
      if (kind === '503') return { ...fault, hasDoneIt: false, retryAfterSeconds: 1 };
      return fault;
    },
    watch(call) {
      const random = randomOf(call);
      if (random() >= watchShare) return undefined;
      return { kind: pick(watchFaults, random), afterEvents: Math.floor(random() * MAX_EVENTS_BEFORE) };
    },
  };
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
