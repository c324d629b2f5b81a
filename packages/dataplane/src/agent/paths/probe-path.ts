import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { ClockPort } from '../../ports/clock.ts';
import type { NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { RandomPort } from '../../ports/random.ts';
import { askRouter, NONCE_BYTES } from './ask-router.ts';
import { parseRelayAnswer, writeRelayQuestion } from './relay-question.ts';

/** Whom a path's probe goes to: the peer's router, or that of a relay. Without an address nothing passes. */
export type ProbeTarget =
  | { readonly kind: 'peer'; readonly domain: DomainName; readonly to: IpAddress | undefined }
  | {
      readonly kind: 'relay';
      readonly domain: DomainName;
      readonly to: IpAddress | undefined;
      /** `cluster/node` that it shall relay to. */
      readonly node: string;
    };

interface Deps {
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
}

/** Round-trip time of one probe; nothing where it did not pass, and then not before its time is over. */
export async function probePath(
  target: ProbeTarget,
  timeoutMs: number,
  deps: Deps,
): Promise<number | undefined> {
  const { clock } = deps;
  const endsAtMs = clock.nowMs() + timeoutMs;
  const rttMs = await (target.kind === 'peer'
    ? echo(target, timeoutMs, deps)
    : askRelay(target, timeoutMs, deps));
  if (rttMs === undefined && clock.nowMs() < endsAtMs)
    await new Promise<void>((resolve) => clock.at(endsAtMs, resolve));
  return rttMs;
}

/** One echo request from the domain's router. */
async function echo({ domain, to }: ProbeTarget, timeoutMs: number, { sockets, random }: Deps) {
  if (to === undefined) return undefined;
  const outcome = await sockets.echo({
    place: { type: 'domain', domain },
    protocol: 'ICMP',
    to,
    port: 0,
    payload: random(NONCE_BYTES),
    timeoutMs,
  });
  return outcome.kind === 'echoed' ? outcome.rttMs : undefined;
}

/** Asks a relay whether it reaches the peer: that it can be reached itself is not enough. */
async function askRelay(
  { domain, to, node }: Extract<ProbeTarget, { kind: 'relay' }>,
  timeoutMs: number,
  { sockets, random }: Deps,
) {
  if (to === undefined) return undefined;
  const nonce = random(NONCE_BYTES);
  const payload = writeRelayQuestion({ nonce, node });
  const outcome = await askRouter(sockets, { domain, to, payload, timeoutMs });
  if (outcome.kind !== 'answered' || outcome.bytes === undefined) return undefined;
  return parseRelayAnswer(outcome.bytes, nonce) === true ? outcome.rttMs : undefined;
}
