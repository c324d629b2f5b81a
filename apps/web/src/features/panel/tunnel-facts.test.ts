import type { NodeReport, PeerReport } from '@flatland/shared/report/report';
import { expect, test } from 'vitest';
import { carrierText, dropsText, tunnelFacts, tunnelReport, tunnelSummary } from './tunnel-facts.ts';

const NOW_MS = 1_000_000;
const peer = {
  cluster: 'west',
  node: 'b',
  publicKey: '',
  endpoint: '192.0.2.1:51820',
  path: 'relay',
  relay: 'north/c',
  up: true,
  sinceMs: NOW_MS - 120_000,
  lastHandshakeMs: NOW_MS - 30_000,
  rttMs: 1.5,
  lossRatio: 0.25,
  mtuBytes: 1340,
  rxBytes: 2048,
  txBytes: 1024,
  drops: { replayed: 3, 'too-big': 1 },
} as unknown as PeerReport;

test('one side of a tunnel tells path, relay, quality, MTU and drops', () => {
  expect(Object.fromEntries(tunnelFacts(peer, NOW_MS))).toEqual({
    State: 'up, 2 min ago',
    Path: 'relayed by north/c',
    Endpoint: '192.0.2.1:51820',
    'Round trip': '1.5 ms',
    Loss: '25.0 %',
    Handshake: '30 s ago',
    MTU: '1340 B',
    Received: '2.0 KiB',
    Sent: '1.0 KiB',
    Drops: 'replayed: 3, too-big: 1',
  });
  expect(tunnelSummary(peer, NOW_MS).join(', ')).toBe(
    'up, relayed by north/c, 1.5 ms, 25.0 % lost, handshake 30 s ago, 3.0 KiB carried, 4 dropped',
  );
});

test('what is not known is not made up', () => {
  const { rttMs, lossRatio, lastHandshakeMs, drops, relay, mtuBytes, sinceMs, ...rest } = peer;
  void [rttMs, lossRatio, lastHandshakeMs, drops, relay, mtuBytes, sinceMs];
  const silent: PeerReport = { ...rest, up: false, path: 'none', endpoint: '', rxBytes: 0, txBytes: 0 };
  const facts = Object.fromEntries(tunnelFacts(silent, NOW_MS));
  expect([facts['State'], facts['Path'], facts['Endpoint']]).toEqual(['down', undefined, 'not known']);
  expect([facts['Round trip'], facts['Loss'], facts['Handshake'], facts['MTU'], facts['Drops']]).toEqual([
    undefined,
    undefined,
    'never',
    undefined,
    undefined,
  ]);
  expect(dropsText({ replayed: 0 })).toBeUndefined();
});

test('each side is the one that its own node reports', () => {
  const reports = { 'east/a': { domains: [{ domain: 'red', peers: [peer] }] } as unknown as NodeReport };
  expect(tunnelReport(reports, { domain: 'red', from: 'east/a', to: 'west/b' })).toBe(peer);
  expect(tunnelReport(reports, { domain: 'green', from: 'east/a', to: 'west/b' })).toBeUndefined();
  expect(tunnelReport(reports, { domain: 'red', from: 'west/b', to: 'east/a' })).toBeUndefined();
});

test('it is said whose WireGuard a domain’s tunnels are', () => {
  expect(carrierText('kernel')).toBe('of the kernel');
  expect(carrierText('portable')).toBe('bundled, portable path');
});
