/** TAI64N timestamps of initiations (12 bytes, big-endian), coarse so that they tell little of the clock. */
import { copyBytes, viewOf } from './bytes.ts';
import { TIMESTAMP_BYTES } from './constants.ts';

const TAI64_EPOCH = 2n ** 62n + 10n;
/** Nanoseconds are rounded down to multiples of 2^24, as wireguard-go does, to hide the clock's fine grain. */
const COARSE_NANOSECONDS = 2 ** 24;

/** Timestamps that only grow, whatever the clock does. */
export class TimestampSource {
  #last: Uint8Array;

  /** `floor`: the newest timestamp ever sent with the same key; later ones are greater. */
  constructor(floor: Uint8Array = new Uint8Array(TIMESTAMP_BYTES)) {
    this.#last = floor;
  }

  /** The newest timestamp that was given, or the floor; all zero where there is neither. */
  newest(): Uint8Array {
    return copyBytes(this.#last);
  }

  /** The timestamp for a moment, or the smallest one after the last where the clock stood or went back. */
  next(nowMs: number): Uint8Array {
    const stamp = tai64n(nowMs);
    this.#last = greater(stamp, this.#last) ? stamp : successor(this.#last);
    return copyBytes(this.#last);
  }
}

/** The coarse TAI64N of a moment in milliseconds since the Unix epoch. */
export function tai64n(nowMs: number): Uint8Array {
  const seconds = Math.floor(nowMs / 1000);
  const nanoseconds = Math.floor((nowMs - seconds * 1000) * 1e6);
  const stamp = new Uint8Array(TIMESTAMP_BYTES);
  const view = viewOf(stamp);
  view.setBigUint64(0, TAI64_EPOCH + BigInt(seconds));
  view.setUint32(8, nanoseconds - (nanoseconds % COARSE_NANOSECONDS));
  return stamp;
}

/** The timestamp some seconds after another. */
export function laterTimestamp(stamp: Uint8Array, seconds: number): Uint8Array {
  const later = copyBytes(stamp);
  const view = viewOf(later);
  view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0) + BigInt(seconds)));
  return later;
}

/** Whether `a` is later than `b`. */
export function greater(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < TIMESTAMP_BYTES; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return false;
}

function successor(stamp: Uint8Array): Uint8Array {
  const next = copyBytes(stamp);
  const view = viewOf(next);
  const nanoseconds = view.getUint32(8) + 1;
  if (nanoseconds < 1e9) view.setUint32(8, nanoseconds);
  else {
    view.setBigUint64(0, view.getBigUint64(0) + 1n);
    view.setUint32(8, 0);
  }
  return next;
}
