/** A data path that carries no packet: it only lets the counters of sessions begin late. */
import type { PeerPath } from '../../src/core/peer/peer-path.ts';
import { LocalTrafficMarks } from '../../src/core/peer/traffic-marks.ts';
import { REJECT_AFTER_MESSAGES } from '../../src/core/noise/constants.ts';
import type { SendCounter } from '../../src/core/noise/keypairs.ts';
import type { DataPathPort } from '../../src/ports/data-path.ts';

/** `firsts`: the first counter of each session in turn; later ones begin with 0. */
export function lateCounters(...firsts: readonly bigint[]): DataPathPort {
  const left = [...firsts];
  const peer = (): PeerPath => ({
    marks: new LocalTrafficMarks(),
    setEndpoint: () => {},
    forgetSource: () => {},
    setMtu: () => {},
    addKeypair: () => counterFrom(left.shift() ?? 0n),
    setSending: () => {},
    removeKeypair: () => {},
    takeCounts: () => ({ counters: {}, drops: {} }),
    remove: () => {},
  });
  return {
    start: () => {},
    addPeer: peer,
    setAllowedIp: () => {},
    removeAllowedIp: () => {},
    setMtu: () => {},
    setReady: () => {},
    setCookieKeys: () => {},
    takeDrops: () => ({}),
    missingOffloads: () => [],
  };
}

function counterFrom(first: bigint): SendCounter {
  let next = first;
  return {
    take: () => (next < REJECT_AFTER_MESSAGES ? next++ : undefined),
    nTaken: () => next,
    skipTo: (counter) => {
      if (counter > next) next = counter;
    },
  };
}
