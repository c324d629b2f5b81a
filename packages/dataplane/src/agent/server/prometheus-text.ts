import type { NodeReport } from '@flatland/shared/report/report';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A report in Prometheus' text format, version 0.0.4. */
export function prometheusText(report: NodeReport): string {
  const base = { cluster: report.cluster, node: report.node };
  const ofPeers = (value: (peer: NodeReport['domains'][number]['peers'][number]) => number | undefined) =>
    report.domains.flatMap(({ domain, peers }) =>
      peers.flatMap((peer): Sample[] => {
        const found = value(peer);
        if (found === undefined) return [];
        const labels = { ...base, domain, peer_cluster: peer.cluster, peer_node: peer.node };
        return [{ labels, value: found }];
      }),
    );
  return [
    metric(
      'flatland_peer_up',
      'gauge',
      'Whether a packet passes to the peer.',
      ofPeers((peer) => Number(peer.up)),
    ),
    metric(
      'flatland_peer_receive_bytes_total',
      'counter',
      'Bytes received from the peer.',
      ofPeers((peer) => peer.rxBytes),
    ),
    metric(
      'flatland_peer_transmit_bytes_total',
      'counter',
      'Bytes sent to the peer.',
      ofPeers((peer) => peer.txBytes),
    ),
    metric(
      'flatland_peer_last_handshake_seconds',
      'gauge',
      'Unix time of the last handshake.',
      ofPeers((peer) => peer.lastHandshakeMs && peer.lastHandshakeMs / 1000),
    ),
    metric(
      'flatland_peer_round_trip_seconds',
      'gauge',
      'Median round-trip time of the last probes inside the tunnel.',
      ofPeers((peer) => peer.rttMs && peer.rttMs / 1000),
    ),
    metric(
      'flatland_dropped_packets_total',
      'counter',
      'Packets dropped, by reason.',
      report.domains.flatMap(({ domain, drops }) =>
        Object.entries(drops).map(([reason, value]) => ({ labels: { ...base, domain, reason }, value })),
      ),
    ),
    metric(
      'flatland_domain_condition',
      'gauge',
      'Whether a condition of the domain on this node holds.',
      report.domains.flatMap(({ domain, conditions }) =>
        conditions.map(({ type, status, reason }) => ({
          labels: { ...base, domain, type, reason },
          value: Number(status === 'True'),
        })),
      ),
    ),
  ].join('');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const text = Object.entries(labels)
      .map(([label, content]) => `${label}="${escapeLabel(content)}"`)
      .join(',');
    return `${name}{${text}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
