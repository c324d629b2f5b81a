import type { DisconnectReport, PreflightReport } from '@flatland/bff/api/cluster';
import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { CommandError } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { readKubeconfigText } from '../io/kubeconfig-text.ts';
import { preflightText } from '../show/preflight-text.ts';

export interface ConnectOptions {
  readonly json?: boolean;
  readonly context?: string;
  readonly name?: string;
  readonly readOnly?: boolean;
}

/** `flatland preflight KUBECONFIG`: looks at a cluster and keeps nothing. Fails where it cannot be connected so. */
export async function preflightCluster(io: CommandIo, options: ConnectOptions, file: string): Promise<void> {
  const request = requestOf(options, file);
  const api = openConsoleApi(io.env);
  const report: PreflightReport = await callConsole(() => api.cluster.preflight.mutate(request));
  print(io, options, report, () => [headOf(report), preflightText(report.lines)].join('\n'));
  if (!report.canConnect)
    throw new CommandError(`${report.name} cannot be connected like this`, {
      next: 'Do what the failed lines say',
    });
}

/** `flatland connect KUBECONFIG`: connects a cluster to the running console. */
export async function connectCluster(io: CommandIo, options: ConnectOptions, file: string): Promise<void> {
  const request = requestOf(options, file);
  const api = openConsoleApi(io.env);
  const report: PreflightReport = await callConsole(() => api.cluster.connect.mutate(request));
  const open = report.lines.filter(({ state }) => state !== 'ok');
  print(io, options, report, () =>
    [
      `${report.name} is connected${report.readOnly ? ', read-only' : ''}`,
      ...(open.length > 0 ? [preflightText(open)] : []),
    ].join('\n'),
  );
}

/** `flatland disconnect CLUSTER`: forgets its credentials, and says what stays in it. */
export async function disconnectCluster(
  io: CommandIo,
  options: { readonly json?: boolean },
  cluster: string,
): Promise<void> {
  const api = openConsoleApi(io.env);
  const report: DisconnectReport = await callConsole(() => api.cluster.disconnect.mutate({ cluster }));
  print(io, options, report, () =>
    [
      `${report.name} is disconnected`,
      ...report.notes,
      ...report.stays.map(({ kind, count }) => `  ${kind}: ${count}`),
    ].join('\n'),
  );
}

function headOf({ name, context, server, readOnly }: PreflightReport): string {
  return `${name} (context ${context}) at ${server}${readOnly ? ', read-only' : ''}`;
}

function requestOf({ context, name, readOnly = false }: ConnectOptions, file: string) {
  return {
    kubeconfig: readKubeconfigText(file),
    readOnly,
    ...(context === undefined ? {} : { context }),
    ...(name === undefined ? {} : { name }),
  };
}
