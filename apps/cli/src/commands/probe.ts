import type { PairProbe } from '@flatland/shared/report/console-event';
import { workloadLabel } from '@flatland/shared/topology/ids';
import pc from 'picocolors';
import { callConsole, openConsoleApi, type ConsoleApi } from '../api/console-api.ts';
import { CommandError } from '../io/command-error.ts';
import { columns, print, type CommandIo } from '../io/command-io.ts';

/** Reasons that pass by themselves, as after a start or a change: they are waited for so long. */
const PASSING: ReadonlySet<string> = new Set(['not-programmed', 'not-mirrored', 'tunnel-down']);
const PATIENCE_MS = 10_000;
const PAUSE_MS = 500;

/** `flatland probe [--domain D]`: a real packet for every ordered pair, beside its verdict. Fails where one disagrees. */
export async function probe(
  io: CommandIo,
  options: { readonly json?: boolean; readonly domain?: string },
): Promise<void> {
  const pairs = await probeUntilKnown(openConsoleApi(io.env), options.domain);
  const disagreeing = pairs.filter((pair) => !pair.agrees);
  const unsent = pairs.filter((pair) => pair.result.reason === 'probe-impossible');
  const isUnsure = (pair: (typeof pairs)[number]) =>
    pair.verdict.answer === 'unknown' || (pair.verdict.answer === 'yes' && unsent.includes(pair));
  const unsure = pairs.filter(isUnsure);
  const simulated = pairs.some((pair) => pair.result.datapath === 'in-memory') ? ' (simulated)' : '';
  print(io, options, pairs, () =>
    [
      columns(pairs.map(row)),
      summary({ nPairs: pairs.length, nDisagreeing: disagreeing.length, nUnsent: unsent.length }) + simulated,
    ].join('\n'),
  );
  if (disagreeing.length > 0)
    throw new CommandError(`${disagreeing.length} pairs disagree with their verdict`, {
      next: 'Ask about one with: flatland why A B',
    });
  if (unsure.length > 0)
    throw new CommandError(
      `${unsure.length} pairs are not known or could not be probed: ${reasonsOf(unsure)}`,
      { next: 'Ask what one waits for with: flatland why A B' },
    );
}

/** Probes; again for a while where a verdict is still to come. */
async function probeUntilKnown(api: ConsoleApi, domain: string | undefined): Promise<readonly PairProbe[]> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const pairs = await callConsole(() => api.probe.runAll.mutate(domain === undefined ? {} : { domain }));
    const isPassing = pairs.some(
      ({ verdict }) => verdict.answer === 'unknown' && PASSING.has(verdict.reason),
    );
    if (!isPassing || Date.now() > deadlineMs) return pairs;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** `14 tunnel-down, 1 not-mirrored`: the most frequent first. */
function reasonsOf(pairs: readonly PairProbe[]): string {
  const reason = ({ verdict, result }: PairProbe) =>
    verdict.answer === 'unknown' ? verdict.reason : (result.reason ?? verdict.reason);
  return [...Map.groupBy(pairs, reason)]
    .map(([code, { length }]) => ({ code, length }))
    .toSorted((a, b) => b.length - a.length)
    .map(({ code, length }) => `${length} ${code}`)
    .join(', ');
}

function row(pair: PairProbe): string[] {
  const { result, verdict } = pair;
  const came = result.echoed
    ? `echoed ${result.rttMs?.toFixed(2) ?? '?'} ms`
    : verdict.answer === 'no'
      ? verdict.reason
      : (result.reason ?? 'no echo');
  return [
    workloadLabel(pair.from),
    '→',
    workloadLabel(pair.to),
    verdict.answer,
    came,
    pair.agrees ? '' : 'DISAGREES',
  ];
}

function summary(counts: {
  readonly nPairs: number;
  readonly nDisagreeing: number;
  readonly nUnsent: number;
}): string {
  const { nPairs, nDisagreeing, nUnsent } = counts;
  const unsent = nUnsent > 0 ? pc.yellow(`, ${nUnsent} without a packet: nothing to send from or to`) : '';
  const agreement =
    nDisagreeing === 0
      ? pc.green('every packet agrees with its verdict')
      : pc.red(`${nDisagreeing} disagree`);
  return `${nPairs} pairs, ${agreement}${unsent}`;
}
