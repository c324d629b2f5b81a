import type { DomainName } from '@flatland/shared/model/names';
import type { DeviceReport } from '../../core/device/snapshot.ts';
import { parseUdpEndpoint, udpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type {
  WireguardConfiguration,
  WireguardControl,
  WireguardDeviceRequest,
  WireguardPeerState,
  WireguardState,
} from '../../ports/wireguard-control.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';
import { planConfiguration } from './plan-configuration.ts';

/** Drives devices through a backend, telling them only what differs from what they were told. */
export class DeviceControl implements WireguardControl {
  readonly #backend: WireguardBackend;
  readonly #told = new Map<DomainName, WireguardConfiguration>();
  readonly #listeners = new Set<() => void>();
  readonly #stopWatching: () => void;

  constructor(backend: WireguardBackend) {
    this.#backend = backend;
    this.#stopWatching = backend.onRestart(() => {
      this.#told.clear();
      for (const listener of this.#listeners) listener();
    });
  }

  close(): void {
    this.#stopWatching();
  }

  ensureDevice(request: WireguardDeviceRequest): Promise<void> {
    return this.#backend.ensure(request);
  }

  removeDevice(domain: DomainName): Promise<void> {
    this.#told.delete(domain);
    return this.#backend.remove(domain);
  }

  listDevices(): Promise<readonly DomainName[]> {
    return this.#backend.list();
  }

  async configure(domain: DomainName, configuration: WireguardConfiguration): Promise<void> {
    const report = await this.#backend.report(domain);
    if (report === undefined) throw new Error(`${domain} has no WireGuard device`);
    const isFresh = report.publicKey === undefined;
    const known = new Set<string>(report.peers.map((peer) => peer.publicKey));
    const before = isFresh ? undefined : this.#told.get(domain);
    const change = planConfiguration(before, configuration, known);
    if (change === undefined) return;
    this.#told.delete(domain);
    await this.#backend.change(domain, change);
    this.#told.set(domain, configuration);
  }

  async steer(...[domain, publicKey, endpoint]: Parameters<WireguardControl['steer']>): Promise<void> {
    await this.#backend.change(domain, {
      peers: [{ publicKey, updateOnly: true, endpoint: udpEndpoint(endpoint.address, endpoint.port) }],
    });
  }

  async read(domain: DomainName): Promise<WireguardState | undefined> {
    const report = await this.#backend.report(domain);
    return report === undefined ? undefined : stateOf(report);
  }

  onRestart(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function stateOf(report: DeviceReport): WireguardState {
  return {
    carrier: report.carrier,
    ...(report.publicKey !== undefined && { publicKey: report.publicKey }),
    listenPort: report.listenPort,
    ...(report.newestTimestamp !== undefined && { newestTimestamp: report.newestTimestamp }),
    drops: report.drops,
    peers: report.peers.map((peer): WireguardPeerState => {
      const endpoint = peer.endpoint === undefined ? undefined : parseUdpEndpoint(peer.endpoint);
      return {
        publicKey: peer.publicKey,
        ...(endpoint?.ok && { endpoint: { address: endpoint.value.address, port: endpoint.value.port } }),
        ...(peer.lastHandshakeAtMs !== undefined && { lastHandshakeMs: peer.lastHandshakeAtMs }),
        mtuBytes: peer.mtuBytes,
        rxBytes: peer.counters.rxBytes,
        txBytes: peer.counters.txBytes,
        drops: peer.drops,
      };
    }),
  };
}
