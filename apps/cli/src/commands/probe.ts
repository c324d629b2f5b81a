import type { PairProbe } from '@flatland/shared/report/console-event';
import { workloadLabel } from '@flatland/shared/topology/ids';
import pc from 'picocolors';
import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { CommandError } from '../io/command-error.ts';
import { columns, print, type CommandIo } from '../io/command-io.ts';

/** `flatland probe [--domain D]`: a real packet for every ordered pair, beside its verdict. Fails where one disagrees. */
export async function probe(
  io: CommandIo,
  options: { readonly json?: boolean; readonly domain?: string },
): Promise<void> {
  const api = openConsoleApi(io.env);
  const pairs = await callConsole(() =>
    api.probe.runAll.mutate(options.domain === undefined ? {} : { domain: options.domain }),
  );
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
    throw new CommandError(`${unsure.length} pairs are not known or could not be probed`, {
      next: 'Wait until every member is programmed, then probe again',
    });
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
