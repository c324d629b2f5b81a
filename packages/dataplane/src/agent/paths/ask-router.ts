import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { ECHO_PORT, type EchoOutcome, type NamespaceSockets } from '../../ports/namespace-sockets.ts';

/** Bytes that make a question one of its own; its answer repeats them. */
export const NONCE_BYTES = 16;

/** A question to the router of a domain on another node. */
export interface RouterQuestion {
  readonly domain: DomainName;
  readonly to: IpAddress;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  /** @default false */
  readonly dontFragment?: boolean;
}

/** Asks inside the tunnel, by UDP from the own router of the domain. */
export function askRouter(sockets: NamespaceSockets, question: RouterQuestion): Promise<EchoOutcome> {
  const { domain, ...request } = question;
  return sockets.echo({
    ...request,
    place: { type: 'domain', domain },
    protocol: 'UDP',
    port: ECHO_PORT,
    takesAnswers: true,
  });
}
