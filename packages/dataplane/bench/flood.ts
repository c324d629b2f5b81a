/**
 * What a flood of initiations leaves of an established flow: `node bench/flood.ts [PER-SECOND] [SECONDS] [ROUNDS]`. A third
 * namespace sends from 1,000 addresses to a device that carries a TCP stream, then as much to a port where nobody
 * listens: sender and receiver share this machine's cores with the tunnel, and only the difference between both is the
 * device's. Where threads come to lie on two cores decides on a run as much as anything: the means of many rounds are
 * compared. Budget: 80 % of a stream beside a flood that nobody takes. Needs root, `ip`, `wg` and `iperf3`.
 */
import { fileURLToPath } from 'node:url';
import { Sandbox, sandboxProblem } from '../test/support/sandbox.ts';
import { wg } from '../test/support/underlay.ts';
import { forwarderPath } from './lib/paths.ts';
import { iperf, mean } from './lib/measure.ts';

const PER_SECOND = Number(process.argv[2] ?? 50_000);
const SECONDS = Number(process.argv[3] ?? 4);
/** The flow is established by then: it has found its pace beside the flood. */
const SETTLE_SECONDS = 2;
const N_ROUNDS = Number(process.argv[4] ?? 8);
const FLOOD_SECONDS = SETTLE_SECONDS + SECONDS + 1;
const N_SOURCES = 1_000;
const BUDGET = 0.8;
const TICK_MS = '5';
const UNHEARD_PORT = 9;
const SENDER = fileURLToPath(new URL('../test/support/flood-sender.ts', import.meta.url));

const problem = sandboxProblem('wg', 'iperf3');
if (problem === undefined) await main();
else process.stdout.write(`bench of a flood left out: ${problem}\n`);

async function main(): Promise<void> {
  await using sandbox = await Sandbox.open();
  const target = await forwarderPath('native').make(sandbox);
  const publicKey = (await wg(sandbox, 'n2', 'show wg2 public-key')).trim();
  const sources = Array.from({ length: N_SOURCES }, (_, n) => `10.7.${n >> 8}.${n & 255 || 1}`);
  await sandbox.ip(`
    netns add n3
    link add v3 netns n3 type veth peer name v23 netns n2
    -n n2 addr add 10.6.0.2/24 dev v23
    -n n3 addr add 10.6.0.3/24 dev v3
    -n n2 link set v23 up
    -n n3 link set v3 up
    -n n3 link set lo up
    -n n2 route add 10.7.0.0/16 via 10.6.0.3
    -n n3 route add local 10.7.0.0/16 dev lo`);
  const alone: number[] = [];
  const unheard: number[] = [];
  const flooded: number[] = [];
  for (let round = 0; round < N_ROUNDS; round++) {
    alone.push((await stream()).gbits);
    unheard.push(await beside(UNHEARD_PORT));
    flooded.push(await beside(5_002));
  }
  const kept = mean(flooded) / mean(unheard);
  process.stdout.write(
    `TCP alone ${mean(alone).toFixed(2)} Gbit/s, beside a flood that nobody takes ${mean(unheard).toFixed(2)}, beside one at the device ${mean(flooded).toFixed(2)}: ${(kept * 100).toFixed(0)} % kept (budget >= ${BUDGET * 100} %: ${kept >= BUDGET ? 'met' : 'MISSED'})\n`,
  );

  function stream() {
    return iperf(sandbox, target, SECONDS, '--omit', String(SETTLE_SECONDS));
  }

  /** The stream beside a flood at a port of `n2`. */
  async function beside(port: number): Promise<number> {
    const args = [
      publicKey,
      '10.6.0.2',
      String(port),
      String(PER_SECOND),
      String(FLOOD_SECONDS),
      TICK_MS,
      ...sources,
    ];
    const sender = sandbox.start([process.execPath, SENDER, ...args], { netns: 'n3' });
    let told = '';
    sender.stdout?.setEncoding('utf8').on('data', (text: string) => (told += text));
    await new Promise((resolve) => sender.stdout?.once('data', resolve));
    const ended = new Promise((resolve) => sender.once('exit', resolve));
    const { gbits } = await stream();
    await ended;
    process.stdout.write(
      `  port ${port}: ${gbits.toFixed(2)} Gbit/s beside ${Math.round(Number(told.split('\n')[1]) / FLOOD_SECONDS)} initiations/s\n`,
    );
    return gbits;
  }
}
