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
  print(io, options, pairs, () =>
    [
      columns(
        pairs.map((pair) => [
          workloadLabel(pair.from),
          '→',
          workloadLabel(pair.to),
          pair.verdict.answer,
          pair.result.echoed
            ? `echoed ${pair.result.rttMs?.toFixed(2) ?? '?'} ms`
            : pair.verdict.answer === 'no'
              ? pair.verdict.reason
              : (pair.result.reason ?? 'no echo'),
          pair.agrees ? '' : 'DISAGREES',
        ]),
      ),
      `${pairs.length} pairs, ${disagreeing.length === 0 ? pc.green('every packet agrees with its verdict') : pc.red(`${disagreeing.length} disagree`)}${pairs.some((pair) => pair.result.datapath === 'in-memory') ? ' (simulated)' : ''}`,
    ].join('\n'),
  );
  if (disagreeing.length > 0)
    throw new CommandError(`${disagreeing.length} pairs disagree with their verdict`, {
      next: 'Ask about one with: flatland why A B',
    });
}
