import type { IpAddress } from '@flatland/shared/address/ip';
import { icmpBytes } from '../../src/core/wire/icmp.ts';
import { ipPacketBytes } from '../../src/core/wire/ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../../src/core/wire/protocol-numbers.ts';
import { MemoryHostNetwork } from '../../src/io/memory/host-network.ts';
import { MemoryNode } from '../../src/io/memory/host-network-node.ts';
import { MemoryForwarder } from '../../src/io/memory/host-network-wireguard.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import { SimulatedNetwork } from '../../src/io/memory/simulated-network.ts';
import { systemClock } from '../../src/io/node/system-clock.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import type { HostNetworkWorld } from '../compliance/host-network-compliance.ts';

/** One in-memory node with pods, for the suites of adapters. */
export function memoryWorld(): Omit<HostNetworkWorld, 'network'> & { node: MemoryNode } {
  const random = seededRandom(1);
  const underlay = new SimulatedNetwork({ clock: systemClock, random: random.number });
  const node = new MemoryNode({
    clock: systemClock,
    random: random.bytes,
    host: underlay.addHost('n1', ['192.0.2.1' as IpAddress]),
  });
  const forwarder = new MemoryForwarder(node, { clock: systemClock, crypto: nodeWireguardCrypto });
  return {
    node,
    restarted: () => new MemoryHostNetwork(node),
    addPod: async (podUid) => void node.addPod(podUid),
    removePod: async (podUid) => node.removePod(podUid),
    addDevice: (domain) => forwarder.ensure({ domain, mtuBytes: 1420, routerAddresses: [] }),
    async ping(podUid, to, { from, bytes } = {}) {
      const header = to.includes(':') ? 48 : 28;
      const { kind } = await node.exchange(
        { type: 'pod', podUid },
        {
          protocol: 'ICMP',
          ...(from !== undefined && { from: from as IpAddress }),
          to: to as IpAddress,
          port: 0,
          payload: new Uint8Array(bytes === undefined ? 8 : bytes - header),
          timeoutMs: 200,
        },
      );
      return kind === 'echoed' || kind === 'unreachable' ? kind : 'timeout';
    },
    async sendForged(podUid, { domain, from, to }) {
      node.injectFromPod(podUid, domain, echoRequest(from as IpAddress, to as IpAddress));
    },
    async close() {
      for (const domain of forwarder.domains()) await forwarder.remove(domain);
    },
  };
}

/** An ICMP echo request with any addresses. */
export function echoRequest(source: IpAddress, destination: IpAddress): Uint8Array {
  const ends = { source, destination };
  const message = { kind: 'echo-request', identifier: 7, sequence: 1, data: new Uint8Array(8) } as const;
  return ipPacketBytes({
    ...ends,
    protocol: source.includes(':') ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP,
    hopLimit: 64,
    payload: icmpBytes(message, ends),
    dontFragment: true,
    isFragment: false,
  });
}
