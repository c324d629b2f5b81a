import type { Condition } from '@flatland/shared/model/kubernetes-object';
import { REASONS, type ReasonCode } from '@flatland/shared/reason/reasons';
import type { Datapath, DomainReport, NodeReport, PeerReport } from '@flatland/shared/report/report';
import type { DomainName } from '@flatland/shared/model/names';
import type { ApplyOutcome, RouterCounters } from '../../ports/host-network.ts';
import type { WireguardState } from '../../ports/wireguard-control.ts';
import { pathKey } from '../compile/compile-input.ts';
import type { DomainProgram, Finding, NodeProgram } from '../compile/node-program.ts';
import type { PeerPathState } from '../paths/peer-paths.ts';

export interface ReportInput {
  readonly cluster: string;
  readonly node: string;
  readonly datapath: Datapath;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly program: NodeProgram;
  readonly outcome: ApplyOutcome;
  readonly counters: readonly RouterCounters[];
  readonly devices: ReadonlyMap<DomainName, WireguardState>;
  readonly pathState: (key: string) => PeerPathState;
  readonly held: readonly Finding[];
  /** When conditions and peers became what they are, by domain and type. */
  readonly since: (domain: string, type: string, state: string) => number;
}

/** What the agent tells of its node. Sorted; counters as they are. */
export function buildReport(input: ReportInput): NodeReport {
  return {
    cluster: input.cluster as NodeReport['cluster'],
    node: input.node as NodeReport['node'],
    datapath: input.datapath,
    atMs: input.atMs,
    startedAtMs: input.startedAtMs,
    domains: input.program.domains.map((domain) => domainReport(domain, input)),
  };
}

function domainReport(program: DomainProgram, input: ReportInput): DomainReport {
  const { domain } = program;
  const counters = input.counters.find((entry) => entry.domain === domain);
  const device = input.devices.get(domain);
  const drops: Record<string, number> = { ...device?.drops };
  for (const [reason, count] of Object.entries(counters?.drops ?? {}))
    drops[reason] = (drops[reason] ?? 0) + count;
  return {
    domain,
    ...(device !== undefined && { carrier: device.carrier }),
    conditions: conditions(program, input),
    peers: program.peers.map((peer) => peerReport(program, peer, input)),
    flows: (counters?.flows ?? []).map((flow) => ({ ...flow })),
    drops: Object.fromEntries(Object.entries(drops).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function peerReport(
  program: DomainProgram,
  peer: DomainProgram['peers'][number],
  input: ReportInput,
): PeerReport {
  const state = input.devices.get(program.domain)?.peers.find((one) => one.publicKey === peer.publicKey);
  const path = input.pathState(pathKey(program.domain, peer.cluster, peer.node));
  return {
    cluster: peer.cluster as PeerReport['cluster'],
    node: peer.node as PeerReport['node'],
    publicKey: peer.publicKey,
    endpoint: state?.endpoint === undefined ? '' : endpointText(state.endpoint),
    path: path.path,
    ...(path.relay !== undefined && { relay: path.relay }),
    up: path.up,
    sinceMs: input.since(program.domain, `peer ${peer.cluster}/${peer.node}`, String(path.up)),
    ...(state?.lastHandshakeMs !== undefined && { lastHandshakeMs: state.lastHandshakeMs }),
    ...(path.rttMs !== undefined && { rttMs: path.rttMs }),
    ...(path.lossRatio !== undefined && { lossRatio: path.lossRatio }),
    mtuBytes: Math.min(peer.mtuBytes, state?.mtuBytes ?? peer.mtuBytes, path.mtuBytes ?? peer.mtuBytes),
    rxBytes: state?.rxBytes ?? 0,
    txBytes: state?.txBytes ?? 0,
    ...(state !== undefined && Object.keys(state.drops).length > 0 && { drops: { ...state.drops } }),
  };
}

function conditions(program: DomainProgram, input: ReportInput): Condition[] {
  const { domain } = program;
  const failed = input.outcome.failedDomains.find((entry) => entry.domain === domain);
  const waiting = program.members.filter(
    (member) =>
      !input.outcome.members.some(
        (outcome) => outcome.ok && outcome.domain === domain && outcome.podUid === member.pod.uid,
      ),
  );
  const down = program.peers.filter((peer) => !input.pathState(pathKey(domain, peer.cluster, peer.node)).up);
  const programmed: Verdict =
    program.routerAddresses.length === 0
      ? { ok: false, reason: 'not-programmed', message: 'the node has no block of addresses yet' }
      : failed !== undefined
        ? { ok: false, reason: 'not-programmed', message: failed.message }
        : waiting.length > 0
          ? {
              ok: false,
              reason: 'not-programmed',
              message: `waits for ${names(waiting.map((one) => one.pod.name))}`,
            }
          : READY;
  const connected: Verdict =
    down.length > 0
      ? {
          ok: false,
          reason: 'tunnel-down',
          message: `no packet passes to ${names(down.map((one) => `${one.cluster}/${one.node}`))}`,
        }
      : READY;
  const finding = [...program.findings, ...input.held][0];
  const believed: Verdict = finding === undefined ? READY : { ok: false, ...finding };
  return [
    condition('Consistent', believed, domain, input),
    condition('PeersConnected', connected, domain, input),
    condition('Programmed', programmed, domain, input),
  ];
}

type Verdict = { readonly ok: boolean; readonly reason: ReasonCode; readonly message: string };

const READY: Verdict = { ok: true, reason: 'ready', message: REASONS.ready.text };
const MAX_NAMES = 5;

function condition(type: string, verdict: Verdict, domain: string, input: ReportInput): Condition {
  const status = verdict.ok ? 'True' : 'False';
  return {
    type,
    status,
    reason: verdict.reason,
    message: verdict.message,
    lastTransitionTime: new Date(input.since(domain, type, status)).toISOString(),
  };
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, MAX_NAMES).join(', ');
  return all.length > MAX_NAMES ? `${shown} and ${all.length - MAX_NAMES} more` : shown;
}

function endpointText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
