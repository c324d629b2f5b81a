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

/**
 * Round-trip time of the first of several probes that passes; nothing where none of them did in `timeoutMs`. They follow
 * one another `everyMs`, and each may come back as long as the whole takes.
 */
export function tryPath(
  target: ProbeTarget,
  { n, everyMs, timeoutMs }: { readonly n: number; readonly everyMs: number; readonly timeoutMs: number },
  deps: Deps,
): Promise<number | undefined> {
  const { clock } = deps;
  const startedAtMs = clock.nowMs();
  return new Promise((resolve) => {
    let nLeft = n;
    let isOver = false;
    const probe = async (sinceStartMs: number) => {
      const rttMs = isOver ? undefined : await probePath(target, timeoutMs - sinceStartMs, deps);
      nLeft--;
      if (isOver || (rttMs === undefined && nLeft > 0)) return;
      isOver = true;
      resolve(rttMs);
    };
    for (let i = 0; i < n; i++) {
      const sinceStartMs = i * everyMs;
      if (i === 0) void probe(0);
      else clock.at(startedAtMs + sinceStartMs, () => void probe(sinceStartMs));
    }
  });
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
