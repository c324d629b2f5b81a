/** One request that a host sends and waits to see again: the probe's view of the network. */
import type { IpAddress } from '@flatland/shared/address/ip';

export interface ExchangeRequest {
  readonly protocol: 'ICMP' | 'UDP' | 'TCP';
  /** One of the host's own addresses. @default the address of the interface that leads there */
  readonly from?: IpAddress;
  readonly to: IpAddress;
  /** For UDP and TCP. */
  readonly port: number;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
}

/** What came of it. The kinds are those of a probe's outcome. */
export type ExchangeOutcome =
  | { readonly kind: 'echoed'; readonly rttMs: number; readonly from: IpAddress }
  /** Somebody answered, without our bytes; `bytes`: what came, where anything did. */
  | {
      readonly kind: 'answered';
      readonly rttMs: number;
      readonly detail: string;
      readonly bytes?: Uint8Array;
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'impossible'; readonly detail: string };
