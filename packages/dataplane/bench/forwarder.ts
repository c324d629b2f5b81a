/**
 * The forwarder beside its peers, all in one run: `npm run bench:forwarder [-- --seconds 5 --rounds 3 --only TEXT,TEXT]`.
 *
 * Each way joins two network namespaces of its own on this machine, whose cores carry both ends. The ways take turns,
 * round after round; what counts is the median, and of round trips the median of each round's pings. Rows and ratios go to `.flatland/bench/forwarder.json`, a plot beside
 * it. Where the bare veth swings by more than a third between the rounds, the machine was busy: then the file says
 * that it is no result, and the exit code is 1. It needs root, `ip`, `nft`, `wg`, `iperf3` and `ping`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sandboxProblem } from '../test/support/sandbox.ts';
import { measure, median, type Measurement } from './lib/measure.ts';
import {
  forwarderPath,
  programPath,
  sameNodePath,
  vethPath,
  vxlanPath,
  type MeasuredPath,
} from './lib/paths.ts';
import { boringtun, wireguardGo } from './lib/peers.ts';
import { barCharts } from './lib/plot.ts';

const DIRECTORY = fileURLToPath(new URL('../../../.flatland/bench/', import.meta.url));
const MAX_SWING = 4 / 3;
const FIGURES = [
  'tcpGbits',
  'tcp8Gbits',
  'tcp6Gbits',
  'udpGbits',
  'rttMs',
  'rttMedianMs',
  'cpuSecondsPerGbit',
] as const;
const GO = 'wireguard-go';
const BORINGTUN = 'boringtun';

type Figures = Omit<Measurement, 'path'>;
type Medians = ReadonlyMap<string, Figures>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
    },
  });
  const problem = sandboxProblem('wg', 'nft', 'iperf3', 'ping');
  if (problem !== undefined) {
    process.stdout.write(`bench of the forwarder left out: ${problem}\n`);
    process.exitCode = 1;
    return;
  }
  const wanted = values.only.split(',');
  const paths = allPaths().filter(
    ({ name }) => name === vethPath.name || wanted.some((text) => name.includes(text)),
  );
  const rows: (Measurement & { readonly round: number })[] = [];
  header();
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const path of paths) {
      const measured = await measure(path, Number(values.seconds));
      rows.push({ round, ...measured });
      print(`${round} ${path.name}`, measured);
    }
  const medians: Medians = new Map(
    paths.map(({ name }) => [name, mediansOf(rows.filter(({ path }) => path === name))]),
  );
  process.stdout.write('\nmedians\n');
  for (const [name, figures] of medians) print(name, figures);
  finish(rows, medians);
}

function allPaths(): MeasuredPath[] {
  const peers: MeasuredPath[] = [];
  const go = wireguardGo();
  if (go.ok) peers.push(programPath(GO, [go.value]));
  else process.stdout.write(`${go.error}\n`);
  const rust = boringtun();
  if (rust.ok) peers.push(programPath(BORINGTUN, [rust.value, '--disable-drop-privileges']));
  else process.stdout.write(`${rust.error}\n`);
  return [vethPath, forwarderPath('native'), ...peers, forwarderPath('portable'), vxlanPath, sameNodePath];
}

function mediansOf(rows: readonly Measurement[]): Figures {
  const entries = FIGURES.map((figure) => [figure, median(rows.map((row) => row[figure]))]);
  return Object.fromEntries(entries) as Figures;
}

/** How we compare; a ratio is missing where one of its sides is. */
function ratiosOf(medians: Medians): Record<string, number | undefined> {
  const ratio = (figure: keyof Figures, name: string, other: string) => {
    const [a, b] = [medians.get(name)?.[figure], medians.get(other)?.[figure]];
    return a === undefined || b === undefined ? undefined : Number((a / b).toFixed(3));
  };
  const ours = forwarderPath('native').name;
  return {
    tunnelTcpVsWireguardGo: ratio('tcpGbits', ours, GO),
    tunnelTcpVsBoringtun: ratio('tcpGbits', ours, BORINGTUN),
    tunnelTcp8VsWireguardGo: ratio('tcp8Gbits', ours, GO),
    tunnelTcp6VsWireguardGo: ratio('tcp6Gbits', ours, GO),
    tunnelUdpVsWireguardGo: ratio('udpGbits', ours, GO),
    rttVsWireguardGo: ratio('rttMedianMs', ours, GO),
    rttVsBoringtun: ratio('rttMedianMs', ours, BORINGTUN),
    sameNodeVsVeth: ratio('tcpGbits', sameNodePath.name, vethPath.name),
    cpuPerGbitVsWireguardGo: ratio('cpuSecondsPerGbit', ours, GO),
  };
}

function finish(rows: readonly Measurement[], medians: Medians): void {
  const baseline = rows.filter(({ path }) => path === vethPath.name).map(({ tcpGbits }) => tcpGbits);
  const vethSwing = Math.max(...baseline) / Math.min(...baseline);
  const isResult = vethSwing <= MAX_SWING;
  const ratios = ratiosOf(medians);
  const result = {
    isResult,
    vethSwing: Number(vethSwing.toFixed(3)),
    cores: cpus().length,
    ratios,
    medians: Object.fromEntries(medians),
    rows,
  };
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(`${DIRECTORY}forwarder.json`, `${JSON.stringify(result, null, 2)}\n`);
  const bars = (figure: keyof Figures, left: readonly string[] = []) =>
    [...medians]
      .filter(([name]) => !left.includes(name))
      .map(([name, figures]) => ({ name, value: figures[figure] }));
  const svg = barCharts([
    { title: 'One TCP stream, Gbit/s', bars: bars('tcpGbits') },
    { title: 'Round trip (median), ms', bars: bars('rttMedianMs') },
    { title: 'CPU seconds per Gbit', bars: bars('cpuSecondsPerGbit') },
  ]);
  writeFileSync(`${DIRECTORY}forwarder.svg`, svg);
  process.stdout.write(`\n${JSON.stringify(ratios, null, 2)}\n`);
  if (isResult) return;
  process.stdout.write(
    `This is no result: the bare veth swung by ${vethSwing.toFixed(2)} between rounds, so the machine was busy.\n`,
  );
  process.exitCode = 1;
}

function header(): void {
  const titles = ['TCP', 'TCP x8', 'TCP IPv6', 'UDP Gbit/s', 'RTT ms', 'median', 'CPU s/Gbit'];
  process.stdout.write(`${' '.repeat(24)}${titles.map((title) => title.padStart(12)).join('')}\n`);
}

function print(name: string, figures: Figures): void {
  const cells = FIGURES.map((figure) => figures[figure].toFixed(3).padStart(12));
  process.stdout.write(`${name.padEnd(24)}${cells.join('')}\n`);
}

await main();
