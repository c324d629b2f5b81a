/**
 * What 1,000 peers with 10,000 allowed IPs cost the stream of one of them: `node bench/many-peers.ts [PEERS] [SECONDS]`.
 * The same tunnel takes turns with one peer; with all, which are tables and timers, for the others have a keepalive and no
 * endpoint; and with endpoints where nobody listens, so that both ends ask each of them for a session every five seconds.
 * Budget of tables and timers: less than 5 %. Needs root, `ip`, `wg` and `iperf3`.
 */
import { randomBytes } from 'node:crypto';
import { nodeWireguardCrypto as crypto } from '../src/io/node/wireguard-crypto.ts';
import { clampPrivateKey, publicKeyOf } from '../src/core/noise/keys.ts';
import { Sandbox, sandboxProblem } from '../test/support/sandbox.ts';
import { wg } from '../test/support/underlay.ts';
import { forwarderPath } from './lib/paths.ts';
import { iperf, median } from './lib/measure.ts';

const N_PEERS = Number(process.argv[2] ?? 1_000);
const SECONDS = Number(process.argv[3] ?? 3);
const N_ALLOWED_IPS = 10;
const N_ROUNDS = 5;
const BUDGET = 0.05;

const problem = sandboxProblem('wg', 'iperf3');
if (problem === undefined) await main();
else process.stdout.write(`bench of many peers left out: ${problem}\n`);

async function main(): Promise<void> {
  const ids = Array.from({ length: N_PEERS - 1 }, (_, n) => n);
  const silent = ids.map((n) => section(n));
  const dead = ids.map((n) => section(n, `Endpoint = 192.168.9.77:${10_000 + n}`));
  const gbits = { one: [] as number[], silent: [] as number[], dead: [] as number[] };
  for (let round = 0; round < N_ROUNDS; round++) {
    gbits.one.push(await stream([]));
    gbits.silent.push(await stream(silent));
    gbits.dead.push(await stream(dead));
  }
  const one = median(gbits.one);
  const [cost, ofDead] = [1 - median(gbits.silent) / one, 1 - median(gbits.dead) / one];
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  process.stdout.write(
    `one peer ${one.toFixed(2)} Gbit/s; ${N_PEERS} peers with ${N_PEERS * N_ALLOWED_IPS} allowed IPs ${median(gbits.silent).toFixed(2)} Gbit/s: tables and timers cost ${percent(cost)} (budget < ${BUDGET * 100} %: ${cost < BUDGET ? 'met' : 'MISSED'}); all of them dead, ${Math.round((N_PEERS - 1) / 5)} initiations/s from each end: ${percent(ofDead)}\n`,
  );
}

/** The stream of a tunnel whose both ends have these peers besides, in Gbit/s. */
async function stream(peers: readonly string[]): Promise<number> {
  await using sandbox = await Sandbox.open();
  const target = await forwarderPath('native').make(sandbox);
  for (const n of peers.length === 0 ? [] : [1, 2])
    await wg(sandbox, `n${n}`, `addconf wg${n} /dev/stdin`, peers.join('\n'));
  // The first stream of a tunnel finds code that is not warm yet.
  await iperf(sandbox, target, 2);
  return (await iperf(sandbox, target, SECONDS)).gbits;
}

/** A peer that nobody is, of a configuration file. */
function section(n: number, endpoint = ''): string {
  const key = clampPrivateKey(randomBytes(32));
  const allowed = Array.from(
    { length: N_ALLOWED_IPS },
    (_, i) => `10.${64 + (n >> 8)}.${n & 255}.${i * 16}/28`,
  );
  return `[Peer]
PublicKey = ${publicKeyOf(crypto.publicKey(key.expose()))}
AllowedIPs = ${allowed.join(', ')}
${endpoint}
PersistentKeepalive = 25
`;
}
