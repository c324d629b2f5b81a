import type { NodeReport, PeerReport } from '../report/report.ts';
import type { DomainName } from '../model/names.ts';

/** What agents say of the way between two nodes in a domain. */
export interface TunnelState {
  readonly up: boolean;
  /** `cluster/node` of the node that relays, where packets take no straight way. */
  readonly relay?: string;
  /** Since when. */
  readonly sinceMs?: number;
}

/** The ways between nodes, as far as agents reported on them. Nodes are `cluster/node`. */
export interface Tunnels {
  /** Nothing where neither end has reported on the domain. Up only where neither end says that it is down. */
  between(domain: DomainName, a: string, b: string): TunnelState | undefined;
}

/** Nothing is known of any way. */
export const NO_TUNNELS: Tunnels = { between: () => undefined };

/** Reads the ways between nodes from the latest report of each. */
export function tunnelsOf(reports: Iterable<NodeReport>): Tunnels {
  const known = new Map<string, ReadonlyMap<string, TunnelState>>();
  for (const report of reports)
    for (const { domain, peers } of report.domains)
      known.set(
        keyOf(domain, `${report.cluster}/${report.node}`),
        new Map(peers.map((peer) => [`${peer.cluster}/${peer.node}`, stateOf(peer)])),
      );
  /** A node that has reported, and does not know the other, sends it nothing. */
  const seenBy = (domain: DomainName, from: string, to: string): TunnelState | undefined => {
    const peers = known.get(keyOf(domain, from));
    return peers === undefined ? undefined : (peers.get(to) ?? { up: false });
  };
  return {
    between(domain, a, b) {
      const [near, far] = [seenBy(domain, a, b), seenBy(domain, b, a)];
      return [near, far].find((state) => state?.up === false) ?? near ?? far;
    },
  };
}

/** True where two reports of a node say the same of its ways to others, so that no verdict hangs on which of them counts. */
export function sameTunnels(a: NodeReport | undefined, b: NodeReport): boolean {
  return a !== undefined && (a === b || tunnelText(a) === tunnelText(b));
}

function tunnelText({ domains }: NodeReport): string {
  return JSON.stringify(
    domains.map(({ domain, peers }) => [
      domain,
      peers.map((peer) => [peer.cluster, peer.node, stateOf(peer)]),
    ]),
  );
}

function stateOf({ up, relay, sinceMs }: PeerReport): TunnelState {
  return { up, ...(relay !== undefined && { relay }), ...(sinceMs !== undefined && { sinceMs }) };
}

function keyOf(domain: string, node: string): string {
  return `${domain} ${node}`;
}
