import type { DomainName } from '@flatland/shared/model/names';
import type { WireGuardCrypto } from '../../core/noise/crypto.ts';
import { ICMP_ERROR_OF_DROP, icmpErrorAbout } from '../../core/wire/icmp-error.ts';
import type { ClockPort } from '../../ports/clock.ts';
import { wireguardDeviceName } from '../../ports/interface-names.ts';
import { SILENT_LOG } from '../../ports/log.ts';
import type { WireguardDeviceRequest } from '../../ports/wireguard-control.ts';
import { createWireguardDevice } from '../../wireguard/create-wireguard-device.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';
import type { DeviceLoop } from '../../wireguard/device-loop.ts';
import type { MemoryNode } from './host-network-node.ts';
import { MemoryTun } from './memory-tun.ts';

/** The devices of an in-memory node: real WireGuard over the simulated underlay. */
export class MemoryForwarder {
  readonly #node: MemoryNode;
  readonly #deps: { readonly clock: ClockPort; readonly crypto: WireGuardCrypto };
  readonly #devices = new Map<DomainName, DeviceLoop>();
  readonly #restarts = new Set<() => void>();

  constructor(node: MemoryNode, deps: { readonly clock: ClockPort; readonly crypto: WireGuardCrypto }) {
    this.#node = node;
    this.#deps = deps;
  }

  device(domain: DomainName): DeviceLoop | undefined {
    return this.#devices.get(domain);
  }

  domains(): DomainName[] {
    return [...this.#devices.keys()].toSorted();
  }

  /** Makes the device of a domain and joins it to the domain's router. Throws where there is no router. */
  async ensure({ domain, mtuBytes, routerAddresses, timestampFloor }: WireguardDeviceRequest): Promise<void> {
    const router = this.#node.routers.get(domain);
    if (router === undefined) throw new Error(`no router of ${domain}`);
    if (this.#devices.has(domain)) return;
    const onPacket = (packet: Uint8Array) => this.#node.handleTunnelPacket(domain, packet);
    const tun = new MemoryTun(wireguardDeviceName(domain), onPacket, mtuBytes);
    const made = await createWireguardDevice(
      { ...this.#deps, random: this.#node.random, log: SILENT_LOG, udp: this.#node.host, tun },
      {
        ...(timestampFloor !== undefined && { timestampFloor: Uint8Array.fromHex(timestampFloor) }),
        onTunDrop: (packet, reason, pathMtuBytes) => {
          const kind = ICMP_ERROR_OF_DROP[reason];
          return kind && icmpErrorAbout(packet, { kind, mtuBytes: pathMtuBytes }, routerAddresses);
        },
      },
    );
    if (!made.ok) throw new Error(made.error);
    this.#devices.set(domain, made.value);
    router.tun = tun;
  }

  async remove(domain: DomainName): Promise<void> {
    const device = this.#devices.get(domain);
    this.#devices.delete(domain);
    const router = this.#node.routers.get(domain);
    if (router !== undefined) router.tun = undefined;
    await device?.close({ removeInterface: true });
  }

  /** Loses all sessions and configuration, as a process that is killed and comes back. */
  async restart(): Promise<void> {
    for (const domain of this.domains()) await this.remove(domain);
    for (const listener of this.#restarts) listener();
  }

  onRestart(listener: () => void): () => void {
    this.#restarts.add(listener);
    return () => void this.#restarts.delete(listener);
  }
}

/** The devices of an in-memory node as a backend. */
export function memoryBackend(forwarder: MemoryForwarder): WireguardBackend {
  return {
    ensure: (request) => forwarder.ensure(request),
    remove: (domain) => forwarder.remove(domain),
    list: async () => forwarder.domains(),
    async change(domain, change) {
      const changed = await forwarder.device(domain)?.configure(change);
      if (changed === undefined) throw new Error(`${domain} has no WireGuard device`);
      if (!changed.ok) throw new Error(changed.error);
    },
    report: async (domain) => forwarder.device(domain)?.report(),
    onRestart: (listener) => forwarder.onRestart(listener),
  };
}
