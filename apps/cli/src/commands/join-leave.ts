import { connect } from '@flatland/shared/intent/connect';
import type { Intent } from '@flatland/shared/intent/intent';
import { refusalText } from '@flatland/shared/reason/reasons';
import { findWorkloads, workloadLabel } from '@flatland/shared/topology/ids';
import type { ElementRef, Topology, WorkloadId } from '@flatland/shared/topology/topology';
import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import type { CommandIo } from '../io/command-io.ts';
import { applyChange, type ChangeOptions } from './apply-change.ts';

/** `flatland join WORKLOAD DOMAIN`: the same gesture as dragging the workload onto the domain. */
export async function join(
  io: CommandIo,
  options: ChangeOptions,
  ends: { readonly workload: string; readonly domain: string },
): Promise<void> {
  const topology = await readTopology(io);
  const workload = oneWorkload(ends.workload, topology);
  const intents = gestureIntents(
    { type: 'workload', id: workload },
    { type: 'domain', id: ends.domain },
    topology,
  );
  await applyChange(io, options, { title: `Join ${workloadLabel(workload)} to ${ends.domain}`, intents });
}

/** `flatland leave WORKLOAD DOMAIN`: the same gesture as dragging the membership away. */
export async function leave(
  io: CommandIo,
  options: ChangeOptions,
  ends: { readonly workload: string; readonly domain: string },
): Promise<void> {
  const topology = await readTopology(io);
  const workload = oneWorkload(ends.workload, topology);
  const intents = gestureIntents(
    { type: 'membership', id: `${workload}|${ends.domain}` },
    { type: 'canvas', id: '' },
    topology,
  );
  await applyChange(io, options, { title: `Take ${workloadLabel(workload)} out of ${ends.domain}`, intents });
}

/** The topology as the console sees it. */
export async function readTopology(io: CommandIo): Promise<Topology> {
  const api = openConsoleApi(io.env);
  return (await callConsole(() => api.topology.get.query())) as Topology;
}

/** The one workload that a text means; throws where there is none or more than one, naming them. */
export function oneWorkload(text: string, topology: Topology): WorkloadId {
  const [first, ...others] = findWorkloads(text, topology.workloads);
  if (first === undefined)
    throw new CommandError(`no workload is called ${text}`, {
      next: 'List them with: flatland status',
      exitCode: EXIT.usage,
    });
  if (others.length > 0)
    throw new CommandError(`${text} is ambiguous: ${[first, ...others].join(', ')}`, {
      next: 'Write it as CLUSTER/NAMESPACE/NAME',
      exitCode: EXIT.usage,
    });
  return first;
}

function gestureIntents(source: ElementRef, target: ElementRef, topology: Topology): readonly Intent[] {
  const gesture = connect(source, target, topology);
  if (gesture.kind === 'intents') return gesture.intents;
  throw new CommandError(
    gesture.kind === 'refused'
      ? refusalText(gesture.refusal)
      : 'this needs an answer that only the console can ask for',
  );
}
