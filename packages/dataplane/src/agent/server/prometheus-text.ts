import type { DomainReport, NodeReport, PeerReport } from '@flatland/shared/report/report';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
}

/** One number of a peer; undefined where it is not known. */
interface PeerMetric extends Metric {
  readonly value: (peer: PeerReport) => number | undefined;
}

const PEER_METRICS: readonly PeerMetric[] = [
  {
    name: 'flatland_peer_up',
    type: 'gauge',
    help: 'Whether a packet passes to the peer.',
    value: ({ up }) => Number(up),
  },
  {
    name: 'flatland_peer_receive_bytes_total',
    type: 'counter',
    help: 'Bytes received from the peer.',
    value: ({ rxBytes }) => rxBytes,
  },
  {
    name: 'flatland_peer_transmit_bytes_total',
    type: 'counter',
    help: 'Bytes sent to the peer.',
    value: ({ txBytes }) => txBytes,
  },
  {
    name: 'flatland_peer_last_handshake_seconds',
    type: 'gauge',
    help: 'Unix time of the last handshake.',
    value: ({ lastHandshakeMs }) => seconds(lastHandshakeMs),
  },
  {
    name: 'flatland_peer_round_trip_seconds',
    type: 'gauge',
    help: 'Median round-trip time of the last probes inside the tunnel.',
    value: ({ rttMs }) => seconds(rttMs),
  },
  {
    name: 'flatland_peer_loss_ratio',
    type: 'gauge',
    help: 'Share of the last probes inside the tunnel that were not answered.',
    value: ({ lossRatio }) => lossRatio,
  },
  {
    name: 'flatland_peer_mtu_bytes',
    type: 'gauge',
    help: 'The longest packet that passes to the peer in one piece.',
    value: ({ mtuBytes }) => mtuBytes,
  },
];

/** A report in Prometheus' text format, version 0.0.4. */
export function prometheusText(report: NodeReport): string {
  const base = { cluster: report.cluster, node: report.node };
  const ofDomains = (samples: (domain: DomainReport) => readonly Sample[]) =>
    report.domains.flatMap((domain) =>
      samples(domain).map(({ labels, value }) => ({
        labels: { ...base, domain: domain.domain, ...labels },
        value,
      })),
    );
  const ofPeers = (samples: (peer: PeerReport) => readonly Sample[]) =>
    ofDomains(({ peers }) =>
      peers.flatMap((peer) =>
        samples(peer).map(({ labels, value }) => ({
          labels: { peer_cluster: peer.cluster, peer_node: peer.node, ...labels },
          value,
        })),
      ),
    );
  return [
    ...PEER_METRICS.map((one) =>
      text(
        one,
        ofPeers((peer) => {
          const value = one.value(peer);
          return value === undefined ? [] : [{ labels: {}, value }];
        }),
      ),
    ),
    text(
      { name: 'flatland_peer_path', type: 'gauge', help: 'The path in use, and who relays it: always 1.' },
      ofPeers(({ path, relay = '' }) => [{ labels: { path, relay }, value: 1 }]),
    ),
    text(
      {
        name: 'flatland_peer_dropped_packets_total',
        type: 'counter',
        help: 'Packets from and to the peer that were dropped, by reason.',
      },
      ofPeers(({ drops = {} }) => byReason(drops)),
    ),
    text(
      { name: 'flatland_dropped_packets_total', type: 'counter', help: 'Packets dropped, by reason.' },
      ofDomains(({ drops }) => byReason(drops)),
    ),
    text(
      {
        name: 'flatland_domain_carrier',
        type: 'gauge',
        help: 'Whose WireGuard carries the packets between nodes: always 1.',
      },
      ofDomains(({ carrier }) => (carrier === undefined ? [] : [{ labels: { carrier }, value: 1 }])),
    ),
    text(
      {
        name: 'flatland_domain_condition',
        type: 'gauge',
        help: 'Whether a condition of the domain on this node holds.',
      },
      ofDomains(({ conditions }) =>
        conditions.map(({ type, status, reason }) => ({
          labels: { type, reason },
          value: Number(status === 'True'),
        })),
      ),
    ),
  ].join('');
}

function byReason(drops: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(drops).map(([reason, value]) => ({ labels: { reason }, value }));
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function text({ name, type, help }: Metric, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, content]) => `${label}="${escapeLabel(content)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(content: string): string {
  return content.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
