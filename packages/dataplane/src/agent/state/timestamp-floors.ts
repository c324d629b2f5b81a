import { z } from 'zod';
import type { DomainName } from '@flatland/shared/model/names';
import { laterTimestamp, tai64n } from '../../core/noise/tai64n.ts';
import type { StateFiles } from '../../ports/state-files.ts';

const FOLDER = 'timestamps';
/** The floor is kept so far ahead of the clock, and raised when half of that is used up: a write every five minutes. */
const AHEAD_SECONDS = 600;

const zFloorFile = z.object({ publicKey: z.string(), floor: z.string().regex(/^[0-9a-f]{24}$/) });

/**
 * Timestamps, as hexadecimal TAI64N, that no initiation with a domain's key has reached: a device that starts anew goes on
 * from there, so that its peers believe it although the machine's clock went back (WireGuard §5.4.2). One file for each
 * domain; a floor counts only for the key that it was kept for.
 */
export class TimestampFloors {
  readonly #files: StateFiles;
  readonly #kept = new Map<DomainName, z.infer<typeof zFloorFile>>();

  constructor(files: StateFiles) {
    this.#files = files;
  }

  /** The floor for a device that is about to start; nothing with a key that was never used. Keeps a later one for the next. */
  async take(domain: DomainName, publicKey: string, nowMs: number): Promise<string | undefined> {
    const saved = this.#kept.get(domain) ?? (await this.#files.read(fileName(domain), zFloorFile));
    const floor = saved?.publicKey === publicKey ? saved.floor : undefined;
    if (saved !== undefined && floor !== undefined) this.#kept.set(domain, saved);
    await this.keep(domain, publicKey, { nowMs, newest: floor });
    return floor;
  }

  /** Keeps the floor above the newest timestamp that was sent, and ahead of the clock. */
  async keep(
    domain: DomainName,
    publicKey: string,
    { nowMs, newest }: { readonly nowMs: number; readonly newest: string | undefined },
  ): Promise<void> {
    const kept = this.#kept.get(domain);
    const isEnough = kept?.publicKey === publicKey && kept.floor >= floorAfter(newest, nowMs, 1);
    if (isEnough) return;
    const file = { publicKey, floor: floorAfter(newest, nowMs, 2) };
    await this.#files.write(fileName(domain), file);
    this.#kept.set(domain, file);
  }

  /** Forgets a domain whose key is gone. */
  async remove(domain: DomainName): Promise<void> {
    this.#kept.delete(domain);
    await this.#files.remove(fileName(domain));
  }
}

/** Texts of one length sort as the timestamps that they are. */
function floorAfter(newest: string | undefined, nowMs: number, times: 1 | 2): string {
  const ofClock = tai64n(nowMs + (times * AHEAD_SECONDS * 1000) / 2).toHex();
  // Each initiation adds a nanosecond while the clock is behind.
  const ofNewest = newest === undefined ? '' : laterTimestamp(Uint8Array.fromHex(newest), times).toHex();
  return ofNewest > ofClock ? ofNewest : ofClock;
}

function fileName(domain: DomainName): string {
  return `${FOLDER}/${domain}.json`;
}
