import type { Carrier, NodeReport, PeerReport } from '@flatland/shared/report/report';
import { formatRtt } from '../../graph/model/proof-text.ts';
import { ageText, bytesText } from '../../lib/format.ts';

/** What a node says of its side of the tunnel to another, in a domain; nodes are `cluster/node`. */
export function tunnelReport(
  reports: Readonly<Record<string, NodeReport>>,
  tunnel: { readonly domain: string; readonly from: string; readonly to: string },
): PeerReport | undefined {
  return reports[tunnel.from]?.domains
    .find(({ domain }) => domain === tunnel.domain)
    ?.peers.find(({ cluster, node }) => `${cluster}/${node}` === tunnel.to);
}

/** `up`, `direct`, `0.21 ms`, …: one side of a tunnel in a line. */
export function tunnelSummary(peer: PeerReport, nowMs: number): string[] {
  return [
    peer.up ? 'up' : 'down',
    peer.path === 'none' ? '' : pathText(peer),
    peer.rttMs === undefined ? '' : formatRtt(peer.rttMs),
    peer.lossRatio ? `${lossText(peer.lossRatio)} lost` : '',
    peer.lastHandshakeMs === undefined
      ? 'no handshake yet'
      : `handshake ${ageText(nowMs - peer.lastHandshakeMs)}`,
    `${bytesText(peer.rxBytes + peer.txBytes)} carried`,
    ...(peer.drops === undefined ? [] : [`${dropCount(peer.drops)} dropped`]),
  ].filter(Boolean);
}

/** One side of a tunnel, as rows of a panel. */
export function tunnelFacts(peer: PeerReport, nowMs: number): [string, string | undefined][] {
  return [
    [
      'State',
      peer.sinceMs === undefined ? upText(peer) : `${upText(peer)}, ${ageText(nowMs - peer.sinceMs)}`,
    ],
    ['Path', peer.path === 'none' ? undefined : pathText(peer)],
    ['Endpoint', peer.endpoint === '' ? 'not known' : peer.endpoint],
    ['Round trip', peer.rttMs === undefined ? undefined : formatRtt(peer.rttMs)],
    ['Loss', peer.lossRatio === undefined ? undefined : lossText(peer.lossRatio)],
    ['Handshake', peer.lastHandshakeMs === undefined ? 'never' : ageText(nowMs - peer.lastHandshakeMs)],
    ['MTU', peer.mtuBytes === undefined ? undefined : `${peer.mtuBytes} B`],
    ['Received', bytesText(peer.rxBytes)],
    ['Sent', bytesText(peer.txBytes)],
    ['Drops', dropsText(peer.drops)],
  ];
}

const CARRIERS: Readonly<Record<Carrier, string>> = {
  kernel: 'of the kernel',
  native: 'bundled, native path',
  portable: 'bundled, portable path',
};

/** Whose WireGuard a domain's tunnels are. */
export function carrierText(carrier: Carrier): string {
  return CARRIERS[carrier];
}

/** `replayed: 3, too-big: 1`; nothing where nothing was dropped. */
export function dropsText(drops: Readonly<Record<string, number>> | undefined): string | undefined {
  const dropped = Object.entries(drops ?? {}).filter(([, count]) => count > 0);
  return dropped.length === 0
    ? undefined
    : dropped.map(([reason, count]) => `${reason}: ${count}`).join(', ');
}

function upText({ up }: PeerReport): string {
  return up ? 'up' : 'down';
}

function pathText({ path, relay }: PeerReport): string {
  return path === 'relay' ? `relayed by ${relay ?? 'a node'}` : path;
}

function lossText(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

function dropCount(drops: Readonly<Record<string, number>>): number {
  return Object.values(drops).reduce((sum, count) => sum + count, 0);
}
