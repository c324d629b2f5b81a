/**
 * What one tunnel carries on this machine: `node bench/portable.ts [seconds]`, and `FLATLAND_FORWARDER=portable` before it
 * for the portable path, whose primitives it times. Prints rows; needs root or
 * user namespaces, `ip`, `wg`, `iperf3` and `ping` for the tunnel, and says so where it leaves that out.
 */
import { randomBytes } from 'node:crypto';
import { EMPTY } from '../src/core/noise/bytes.ts';
import { clampPrivateKey, publicKeyOf } from '../src/core/noise/keys.ts';
import { nodeWireguardCrypto as crypto } from '../src/io/node/wireguard-crypto.ts';
import { Sandbox, sandboxProblem } from '../test/support/sandbox.ts';
import { address, joinTwoNamespaces, startForwarder, wg } from '../test/support/underlay.ts';

const PACKET_BYTES = 1_420;
const seconds = Number(process.argv[2] ?? 5);

async function main(): Promise<void> {
  row('primitive', 'per second', 'Gbit/s');
  const key = randomBytes(32);
  const message = new Uint8Array(PACKET_BYTES + 16);
  let counter = 0n;
  const sealed = rate(() => {
    crypto.seal(key, counter++, message.subarray(0, PACKET_BYTES), EMPTY, message, 0);
  });
  row('seal 1420 B', sealed.toFixed(0), gigabits(sealed));
  const box = new Uint8Array(PACKET_BYTES + 16);
  crypto.seal(key, 7n, new Uint8Array(PACKET_BYTES), EMPTY, box, 0);
  const opened = rate(() => {
    crypto.open(key, 7n, box, EMPTY);
  });
  row('open 1420 B', opened.toFixed(0), gigabits(opened));
  const [privateKey, publicKey] = [randomBytes(32), crypto.publicKey(randomBytes(32))];
  row('X25519', rate(() => void crypto.sharedSecret(privateKey, publicKey)).toFixed(0), '');

  const problem = sandboxProblem('wg', 'iperf3', 'ping');
  if (problem === undefined) await measureTunnel();
  else process.stdout.write(`tunnel left out: ${problem}\n`);
}

async function measureTunnel(): Promise<void> {
  await using sandbox = await Sandbox.open();
  await joinTwoNamespaces(sandbox);
  const keys = [1, 2].map(() => clampPrivateKey(randomBytes(32)));
  for (const n of [1, 2] as const) {
    const peer = 3 - n;
    const { client } = await startForwarder(sandbox, `n${n}`);
    const made = await client.ensureDevice({ name: `wg${n}`, mtuBytes: PACKET_BYTES });
    if (!made.ok) throw new Error(made.error.message);
    const base64 = Buffer.from(keys[n - 1]!.expose()).toString('base64');
    const peerKey = publicKeyOf(crypto.publicKey(keys[peer - 1]!.expose()));
    const about = `allowed-ips 10.9.0.${peer}/32 endpoint 192.168.9.${peer}:500${peer}`;
    await wg(
      sandbox,
      `n${n}`,
      `set wg${n} listen-port 500${n} private-key /dev/stdin peer ${peerKey} ${about}`,
      base64,
    );
    await address(sandbox, `n${n}`, `wg${n}`, n);
  }
  row('path', 'Gbit/s', 'RTT ms');
  for (const [name, target] of [
    ['veth alone', '192.168.9.2'],
    ['tunnel, one TCP stream', '10.9.0.2'],
  ] as const) {
    await sandbox.must(['ping', '-q', '-c', '50', '-i', '0.02', target], { netns: 'n1' });
    const ping = await sandbox.must(['ping', '-q', '-c', '50', '-i', '0.02', target], { netns: 'n1' });
    const server = sandbox.start(['iperf3', '-s', '-1', '--forceflush'], { netns: 'n2' });
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    const text = await sandbox.must(['iperf3', '-c', target, '-t', String(seconds), '-J'], { netns: 'n1' });
    const { end } = JSON.parse(text) as { end: { sum_received: { bits_per_second: number } } };
    row(
      name,
      (end.sum_received.bits_per_second / 1e9).toFixed(3),
      / = [\d.]+\/([\d.]+)\//.exec(ping)?.[1] ?? '',
    );
  }
}

/** How often something can be done in a second. */
function rate(work: () => void): number {
  for (let i = 0; i < 1_000; i++) work();
  let n = 0;
  const start = performance.now();
  while (performance.now() - start < 1_000) for (let i = 0; i < 100; i++, n++) work();
  return (n / (performance.now() - start)) * 1_000;
}

function gigabits(perSecond: number): string {
  return ((perSecond * PACKET_BYTES * 8) / 1e9).toFixed(2);
}

function row(...cells: string[]): void {
  process.stdout.write(
    `${cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(14))).join('')}\n`,
  );
}

await main();
