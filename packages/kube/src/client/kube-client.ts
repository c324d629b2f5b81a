import { CLOSED } from './circuit-breaker.ts';
import type { BreakerState } from './circuit-breaker.ts';
import { systemClock } from './clock.ts';
import type { Clock, Random } from './clock.ts';
import type { Connection } from './connection.ts';
import type { AddressPolicy } from './address-policy.ts';
import { DEFAULT_RETRY } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import { openTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/** What all calls to one cluster share: its transport, its circuit breaker, its manners. */
export type KubeClient = {
  readonly cluster: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: RetryPolicy;
  readonly limits: { readonly timeoutMs: number; readonly maxBodyBytes: number };
  /** Mutable: the breaker of this cluster alone. */
  readonly breaker: { state: BreakerState };
  /** Calls `listener` whenever the cluster answers again after silence. Returns what unregisters it. */
  onRecovered(listener: () => void): () => void;
  readonly recoveryListeners: Set<() => void>;
  /** Told whenever a list shows that the cluster's API goes on from a backup; each list-watch adds its own. */
  readonly wentBackListeners: Set<() => void>;
  /** Sent as User-Agent. */
  readonly userAgent: string;
  /** Closes every connection; calls under way end as aborted or cut off. */
  close(): Promise<void>;
};

export type KubeClientOptions = {
  /** @default strictAddressPolicy */
  readonly addressPolicy?: AddressPolicy;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
  readonly retry?: Partial<RetryPolicy>;
  /** Of one try. @default 15000 */
  readonly timeoutMs?: number;
  /** @default 64 MiB */
  readonly maxBodyBytes?: number;
  /** @default 3000 */
  readonly connectTimeoutMs?: number;
  /** @default 'flatland' */
  readonly userAgent?: string;
};

/** Makes the client of one cluster. It dials on first use and holds no other state than pool and breaker. */
export function openKubeClient(connection: Connection, options: KubeClientOptions = {}): KubeClient {
  const transport = openTransport(connection, {
    ...(options.addressPolicy === undefined ? {} : { addressPolicy: options.addressPolicy }),
    ...(options.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: options.connectTimeoutMs }),
  });
  return kubeClientOver(transport, { ...options, cluster: connection.cluster });
}

/** Makes a client over a transport of any kind. */
export function kubeClientOver(
  transport: Transport,
  options: Omit<KubeClientOptions, 'addressPolicy' | 'connectTimeoutMs'> & { cluster: string },
): KubeClient {
  const recoveryListeners = new Set<() => void>();
  return {
    cluster: options.cluster,
    transport,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    recoveryListeners,
    wentBackListeners: new Set(),
    onRecovered(listener) {
      recoveryListeners.add(listener);
      return () => recoveryListeners.delete(listener);
    },
    limits: {
      timeoutMs: options.timeoutMs ?? 15_000,
      maxBodyBytes: options.maxBodyBytes ?? 64 * 1024 * 1024,
    },
    breaker: { state: CLOSED },
    userAgent: options.userAgent ?? 'flatland',
    close: () => transport.close(),
  };
}
