import type { DeviceReport, PeerReport } from '../../core/device/snapshot.ts';
import type { PublicKey } from '../../core/noise/keys.ts';
import { newPeerCounters } from '../../core/peer/peer-counters.ts';

/**
 * Reads what `wg show DEVICE dump` prints, and lets the secrets in it go. The kernel counts no drops and does not
 * tell its timestamps. Undefined where the text is something else.
 */
export function parseWgDump(text: string, mtuBytes: number): DeviceReport | undefined {
  const [device, ...lines] = text.split('\n').filter((line) => line !== '');
  const fields = device?.split('\t') ?? [];
  const listenPort = Number(fields[2]);
  if (fields.length !== 4 || !Number.isInteger(listenPort)) return undefined;
  const peers = lines.map((line) => parsePeer(line, mtuBytes));
  if (peers.some((peer) => peer === undefined)) return undefined;
  return {
    carrier: 'kernel',
    publicKey: unlessNone(fields[1]) as PublicKey | undefined,
    listenPort,
    mtuBytes,
    isUp: true,
    drops: {},
    peers: peers
      .filter((peer) => peer !== undefined)
      .toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1)),
  };
}

function parsePeer(line: string, mtuBytes: number): PeerReport | undefined {
  const [publicKey, , endpoint, , handshake, rx, tx, keepalive] = line.split('\t');
  const [handshakeSeconds, rxBytes, txBytes] = [handshake, rx, tx].map(Number);
  if (publicKey === undefined || keepalive === undefined || !Number.isFinite(handshakeSeconds))
    return undefined;
  return {
    publicKey: publicKey as PublicKey,
    endpoint: unlessNone(endpoint),
    lastHandshakeAtMs: handshakeSeconds === 0 ? undefined : handshakeSeconds! * 1000,
    mtuBytes,
    counters: { ...newPeerCounters(), rxBytes: rxBytes ?? 0, txBytes: txBytes ?? 0 },
    drops: {},
  };
}

function unlessNone(text: string | undefined): string | undefined {
  return text === '(none)' ? undefined : text;
}
