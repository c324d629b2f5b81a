import { REASONS } from '@flatland/shared/reason/reasons';
import type { Hop, Verdict } from '@flatland/shared/reachability/verdict';
import pc from 'picocolors';
import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { oneWorkload, readTopology } from './join-leave.ts';

/** `flatland why A B`: the verdict, the object and field that decide, the path, the last probe. */
export async function why(
  io: CommandIo,
  options: { readonly json?: boolean },
  ends: { readonly from: string; readonly to: string },
): Promise<void> {
  const topology = await readTopology(io);
  const api = openConsoleApi(io.env);
  const pair = {
    from: { workload: oneWorkload(ends.from, topology) },
    to: { workload: oneWorkload(ends.to, topology) },
  };
  const explanation = await callConsole(() => api.why.explain.query(pair));
  const { verdict, probe, agreement } = explanation;
  print(io, options, explanation, () =>
    [
      ...verdictText(verdict),
      ...(probe
        ? [
            `last probe: ${probe.result.echoed ? pc.green(`echoed, ${probe.result.rttMs?.toFixed(2) ?? '?'} ms`) : pc.red(probe.result.detail)}${probe.result.datapath === 'in-memory' ? ' (simulated)' : ''}`,
          ]
        : []),
      ...(agreement === 'disagrees' ? [pc.red(pc.bold('packets disagree with the verdict'))] : []),
    ].join('\n'),
  );
}

function verdictText(verdict: Verdict): string[] {
  const paint = { yes: pc.green, no: pc.red, unknown: pc.yellow }[verdict.answer];
  const { deciding } = verdict;
  return [
    `${paint(verdict.answer)}: ${verdict.detail} (${verdict.reason})`,
    ...(deciding
      ? [
          `decided by ${deciding.kind} ${[deciding.namespace, deciding.name].filter(Boolean).join('/')} in ${deciding.cluster}${deciding.field ? `, ${deciding.field}` : ''}`,
        ]
      : []),
    ...verdict.path.map((hop) => `  ${hopText(hop)}`),
    ...(verdict.answer === 'yes' ? [] : [`next: ${REASONS[verdict.reason].next}`]),
  ];
}

function hopText(hop: Hop): string {
  switch (hop.type) {
    case 'instance':
      return `${hop.instance}  ${hop.address}`;
    case 'router':
      return `router of ${hop.domain} on ${hop.node}`;
    case 'tunnel':
      return `tunnel ${hop.from} → ${hop.to}${hop.relay ? ` via ${hop.relay}` : ''}`;
  }
}
