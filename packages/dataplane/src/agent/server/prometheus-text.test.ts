import { zNodeReport } from '@flatland/shared/report/report';
import { expect, test } from 'vitest';
import { prometheusText } from './prometheus-text.ts';

const REPORT = zNodeReport.parse({
  cluster: 'east',
  node: 'a',
  datapath: 'kernel',
  atMs: 0,
  startedAtMs: 0,
  domains: [
    {
      domain: 'red',
      conditions: [
        {
          type: 'PeersConnected',
          status: 'False',
          reason: 'tunnel-down',
          message: 'a "quoted" text',
          lastTransitionTime: '2026-01-01T00:00:00.000Z',
        },
      ],
      flows: [],
      drops: { 'too-big': 4 },
      carrier: 'native',
      peers: [
        {
          cluster: 'west',
          node: 'b',
          publicKey: 'key',
          endpoint: '192.0.2.1:51820',
          path: 'relay',
          relay: 'north/c',
          up: true,
          lastHandshakeMs: 1_700_000_000_500,
          rttMs: 1.5,
          lossRatio: 0.25,
          mtuBytes: 1340,
          rxBytes: 10,
          txBytes: 20,
          drops: { replayed: 3 },
        },
        {
          cluster: 'west',
          node: 'd',
          publicKey: 'other',
          endpoint: '',
          path: 'none',
          up: false,
          rxBytes: 0,
          txBytes: 0,
        },
      ],
    },
  ],
});

const samples = prometheusText(REPORT)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

test('every number of a peer has a line with both ends and the domain', () => {
  const ends = 'cluster="east",node="a",domain="red",peer_cluster="west",peer_node="b"';
  expect(samples).toEqual(
    expect.arrayContaining([
      `flatland_peer_up{${ends}} 1`,
      `flatland_peer_receive_bytes_total{${ends}} 10`,
      `flatland_peer_transmit_bytes_total{${ends}} 20`,
      `flatland_peer_last_handshake_seconds{${ends}} 1700000000.5`,
      `flatland_peer_round_trip_seconds{${ends}} 0.0015`,
      `flatland_peer_loss_ratio{${ends}} 0.25`,
      `flatland_peer_mtu_bytes{${ends}} 1340`,
      `flatland_peer_path{${ends},path="relay",relay="north/c"} 1`,
      `flatland_peer_dropped_packets_total{${ends},reason="replayed"} 3`,
    ]),
  );
});

test('what is not known of a peer has no line', () => {
  const ofSilent = samples.filter((line) => line.includes('peer_node="d"'));
  expect(ofSilent.map((line) => line.slice(0, line.indexOf('{')))).toEqual([
    'flatland_peer_up',
    'flatland_peer_receive_bytes_total',
    'flatland_peer_transmit_bytes_total',
    'flatland_peer_path',
  ]);
});

test('domains tell their drops, their conditions and who carries their packets', () => {
  expect(samples).toContain(
    'flatland_domain_carrier{cluster="east",node="a",domain="red",carrier="native"} 1',
  );
  expect(samples).toContain(
    'flatland_dropped_packets_total{cluster="east",node="a",domain="red",reason="too-big"} 4',
  );
  expect(samples).toContain(
    'flatland_domain_condition{cluster="east",node="a",domain="red",type="PeersConnected",reason="tunnel-down"} 0',
  );
});

test('each metric is described once, and labels are escaped', () => {
  const text = prometheusText({ ...REPORT, node: 'a"\\\nb' as never });
  const described = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(described).size).toBe(described.length);
  expect(text).toContain('node="a\\"\\\\\\nb"');
});
