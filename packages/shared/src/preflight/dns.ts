import { nodeNameServer } from '../dns/node-name-server.ts';
import { corefileState } from '../dns/wire-corefile.ts';
import { REASONS, type Refusal } from '../reason/reasons.ts';
import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

const WIRE = '`flatland dns` prints what to add to the Corefile, and adds it with `--apply`';

/** Whether the cluster’s DNS can be told to forward domains’ names, and whether it does. */
export function dnsLines({ dnsMaps, daemonSets, access }: PreflightFacts): PreflightLine[] {
  if (!dnsMaps.ok)
    return [line('dns', 'unknown', `The Corefiles of kube-system cannot be read: ${dnsMaps.error}`, WIRE)];
  if (!daemonSets.ok) return [line('dns', 'unknown', `DaemonSets cannot be read: ${daemonSets.error}`, WIRE)];
  const server = nodeNameServer(daemonSets.value, dnsMaps.value);
  if (!server.ok) return [refused(server.error)];
  const { name, corefile } = server.value;
  const state = corefileState(corefile, []);
  if (!state.ok) return [refused(state.error)];
  if (state.value !== 'not-wired')
    return [line('dns', 'ok', `${name} forwards domains’ names to each node’s agent`)];
  const rights = access.filter(({ purpose }) => purpose === 'dns');
  const mayChange = rights.length > 0 && rights.every(({ allowed }) => allowed.ok && allowed.value);
  return [
    mayChange
      ? line('dns', 'ok', `${name} can forward domains’ names, and the credentials may tell it to`, WIRE)
      : line('dns', 'warning', `${name} has a Corefile that the credentials may not change`, WIRE),
  ];
}

function refused({ code, detail }: Refusal): PreflightLine {
  return line('dns', 'warning', detail, REASONS[code].next);
}
