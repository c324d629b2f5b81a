/**
 * Sends WireGuard initiations that nobody answers with a session: `node flood-sender.ts PUBLIC-KEY ADDRESS PORT PER-SECOND
 * SECONDS TICK-MS SOURCE…`, one socket for each source address. Prints how many were sent.
 */
import { createSocket, type Socket } from 'node:dgram';
import { strangerInitiation } from './stranger.ts';

const [publicKey = '', address = '', port = '0', perSecond = '0', seconds = '0', tickMs = '5', ...sources] =
  process.argv.slice(2);
const datagram = strangerInitiation(Uint8Array.fromBase64(publicKey), Date.now());

const sockets = await Promise.all(
  sources.map(
    (source) =>
      new Promise<Socket>((resolve) => {
        const socket = createSocket('udp4');
        socket.on('error', () => undefined);
        socket.bind(0, source, () => socket.connect(Number(port), address, () => resolve(socket)));
      }),
  ),
);
process.stdout.write('ready\n');
const startMs = performance.now();
let nSent = 0;
const step = () => {
  const elapsedMs = performance.now() - startMs;
  const due = (Math.min(elapsedMs, Number(seconds) * 1_000) * Number(perSecond)) / 1_000;
  for (; nSent < due; nSent++) sockets[nSent % sockets.length]!.send(datagram);
  if (elapsedMs < Number(seconds) * 1_000) return again();
  process.stdout.write(`${nSent}\n`);
  process.exit(0);
};
/** Evenly takes a core of its own; in bursts it leaves the core to others. */
const again = () => void (tickMs === '0' ? setImmediate(step) : setTimeout(step, Number(tickMs)));
again();
