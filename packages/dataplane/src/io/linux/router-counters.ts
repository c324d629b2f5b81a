import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { field, list, text } from '@flatland/shared/topology/facts/json';
import type { FlowCounter, RouterCounters } from '../../ports/host-network.ts';
import { FLOW_TIMEOUT_SECONDS } from './router-ruleset.ts';

const DROPS = ['no-route', 'port-closed', 'source-not-allowed'];

/** Reads `nft -j list table` of a router: drops by reason, and the conversations of the last hour. */
export function parseRouterCounters(domain: DomainName, json: string, nowMs: number): RouterCounters {
  const drops: Record<string, number> = {};
  const flows: FlowCounter[] = [];
  for (const entry of list(JSON.parse(json), 'nftables')) {
    const counter = field(entry, 'counter');
    const name = text(counter, '', 'name');
    if (DROPS.includes(name)) drops[name] = numberAt(counter, 'packets');
    for (const element of list(entry, 'set', 'elem')) {
      const flow = flowCounter(field(element, 'elem'), nowMs);
      if (flow !== undefined) flows.push(flow);
    }
  }
  const key = (flow: FlowCounter) => `${flow.from} ${flow.to}`;
  return {
    domain,
    flows: flows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
    drops: Object.fromEntries(Object.entries(drops).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** True where a ruleset with this marker is loaded. */
export function hasMarker(json: string, marker: string): boolean {
  return list(JSON.parse(json), 'nftables').some((entry) => text(entry, '', 'counter', 'name') === marker);
}

function flowCounter(element: unknown, nowMs: number): FlowCounter | undefined {
  const [from, to] = list(element, 'val', 'concat');
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const quietSeconds = FLOW_TIMEOUT_SECONDS - numberAt(element, 'expires');
  return {
    from: from as IpAddress,
    to: to as IpAddress,
    packets: numberAt(element, 'counter', 'packets'),
    bytes: numberAt(element, 'counter', 'bytes'),
    lastSeenMs: nowMs - quietSeconds * 1000,
  };
}

function numberAt(value: unknown, ...path: string[]): number {
  const found = field(value, ...path);
  return typeof found === 'number' ? found : 0;
}
