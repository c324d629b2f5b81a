import { nameServer } from '../dns/name-server.ts';
import { NODE_DNS } from '../dns/node-dns.ts';
import { corefileState } from '../dns/wire-corefile.ts';
import { REASONS, type Refusal } from '../reason/reasons.ts';
import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

const WIRE = '`flatland dns` prints what to add to the Corefile, and adds it with `--apply`';

/** Whether the cluster’s DNS can be told to forward domains’ names, and whether it does. */
export function dnsLines(facts: PreflightFacts): PreflightLine[] {
  const { dnsMaps, dnsServices, daemonSets, deployments, access } = facts;
  const unknown = (what: string, why: string) => [
    line('dns', 'unknown', `${what} cannot be read: ${why}`, WIRE),
  ];
  if (!dnsMaps.ok) return unknown('The Corefiles of kube-system', dnsMaps.error);
  if (!daemonSets.ok) return unknown('DaemonSets', daemonSets.error);
  if (!deployments.ok) return unknown('Deployments', deployments.error);
  if (!dnsServices.ok) return unknown('Services of kube-system', dnsServices.error);
  const server = nameServer({
    configMaps: dnsMaps.value,
    daemonSets: daemonSets.value,
    deployments: deployments.value,
    services: dnsServices.value,
  });
  if (!server.ok) return [refused(server.error)];
  const { name, corefile, kept } = server.value;
  if (kept !== undefined) return [refused(kept)];
  const state = corefileState(corefile, [], NODE_DNS);
  if (!state.ok) return [refused(state.error)];
  if (state.value !== 'not-wired')
    return [line('dns', 'ok', `${name} forwards domains’ names to its node’s agent`)];
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
