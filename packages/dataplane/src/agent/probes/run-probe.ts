import { cidrHasAddress } from '@flatland/shared/address/arithmetic';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { ReasonCode } from '@flatland/shared/reason/reasons';
import type { Datapath, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import { ECHO_PORT, type EchoOutcome, type NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import type { NetworkProgram } from '../../ports/host-network.ts';
import { echoMessage, NONCE_BYTES } from './echo-message.ts';

/** The pod that a probe leaves from, as the agent knows it. */
export interface ProbeOrigin {
  readonly podUid: string;
}

export interface ProbeDeps {
  readonly sockets: NamespaceSockets;
  readonly random: RandomPort;
  readonly nowMs: () => number;
  readonly datapath: Datapath;
}

/**
 * Sends one packet from an instance's own network and says what came of it. The nonce must come back: an
 * accepted connection or another answer does not count.
 */
export async function runProbe(
  request: ProbeRequest,
  origin: ProbeOrigin | undefined,
  network: NetworkProgram,
  deps: ProbeDeps,
): Promise<ProbeResult> {
  const address = origin === undefined ? undefined : sourceOf(origin, request.to, network);
  const outcome: EchoOutcome =
    origin === undefined
      ? { kind: 'impossible', detail: `${request.from.pod} has no running instance on this node` }
      : await deps.sockets.echo({
          place: { type: 'pod', podUid: origin.podUid },
          protocol: request.protocol,
          to: request.to,
          port: request.port ?? ECHO_PORT,
          timeoutMs: request.timeoutMs,
          ...message(request, deps.random(NONCE_BYTES)),
        });
  const reason = reasonOf(outcome, address, request.to, network);
  return {
    from: { ...request.from, ...(address !== undefined && { address }) },
    to: request.to,
    protocol: request.protocol,
    echoed: outcome.kind === 'echoed',
    ...(outcome.kind === 'echoed' &&
      request.protocol === 'UDP' &&
      request.expectUid !== undefined && { responderUid: request.expectUid }),
    ...((outcome.kind === 'echoed' || outcome.kind === 'answered') && { rttMs: outcome.rttMs }),
    ...(reason !== undefined && { reason }),
    detail: detailOf(outcome, request),
    datapath: deps.datapath,
    atMs: deps.nowMs(),
  };
}

/**
 * What is sent: the nonce itself to the echo ports. At another TCP port a program listens that speaks
 * HTTP if anything: the nonce is in the path that it is asked for.
 */
function message(
  request: ProbeRequest,
  nonce: Uint8Array,
): { readonly payload: Uint8Array; readonly expect?: Uint8Array } {
  if (request.protocol !== 'TCP' || request.port === undefined || request.port === ECHO_PORT)
    return { payload: echoMessage(nonce, request.protocol === 'UDP' ? request.expectUid : undefined) };
  const text = nonce.toHex();
  const host = request.to.includes(':') ? `[${request.to}]` : request.to;
  const head = `GET /flatland-probe/${text} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return { payload: new TextEncoder().encode(head), expect: new TextEncoder().encode(text) };
}

/** The address that the pod sends from: that of the domain which the destination belongs to. */
function sourceOf(origin: ProbeOrigin, to: IpAddress, network: NetworkProgram): IpAddress | undefined {
  for (const router of network.routers) {
    if (!router.prefixes.some((prefix) => cidrHasAddress(prefix, to))) continue;
    const member = router.members.find(({ podUid }) => podUid === origin.podUid);
    const source = member?.addresses.find((address) => address.includes(':') === to.includes(':'));
    if (source !== undefined) return source;
  }
  return undefined;
}

function reasonOf(
  outcome: EchoOutcome,
  source: IpAddress | undefined,
  to: IpAddress,
  network: NetworkProgram,
): ReasonCode | undefined {
  switch (outcome.kind) {
    case 'echoed':
      return undefined;
    case 'impossible':
      return 'probe-impossible';
    case 'timeout':
    case 'answered':
    case 'unreachable':
    case 'refused': {
      const isOfDomain = network.routers.some((router) =>
        router.prefixes.some((prefix) => cidrHasAddress(prefix, to)),
      );
      if (isOfDomain && source === undefined) return 'no-shared-domain';
      return outcome.kind === 'unreachable' || outcome.kind === 'refused'
        ? 'probe-unreachable'
        : 'probe-timeout';
    }
  }
}

function detailOf(outcome: EchoOutcome, request: ProbeRequest): string {
  switch (outcome.kind) {
    case 'echoed':
      return 'the nonce came back';
    case 'answered':
      return outcome.detail;
    case 'timeout':
      return `no echo within ${request.timeoutMs} ms`;
    case 'unreachable':
    case 'refused':
    case 'impossible':
      return outcome.detail;
  }
}
