import { SimulatedNetwork } from '@flatland/dataplane/io/memory/simulated-network';
import type { SimulatedHost } from '@flatland/dataplane/io/memory/simulated-host';
import type { ClockPort } from '@flatland/dataplane/ports/clock';
import { parseIpAddress } from '@flatland/shared/address/ip';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { ClusterDefinition } from '../clusters/cluster-definition.ts';

/** Latency of every datagram, one way. */
const LATENCY_MS = 0.2;
/** MTU of the underlay, as Ethernet has it. */
const MTU_BYTES = 1500;

/** The network between the nodes: reachable addresses, and a NAT in front of a cluster that has one. */
export function simulateUnderlay(
  clusters: readonly ClusterDefinition[],
  deps: { clock: ClockPort; random: () => number },
): ReadonlyMap<string, SimulatedHost> {
  const network = new SimulatedNetwork(deps);
  network.setConditions({ latencyMs: LATENCY_MS });
  const hosts = new Map<string, SimulatedHost>();
  for (const { name, underlay, nodes } of clusters) {
    const nat = underlay.nat;
    const site =
      nat === undefined
        ? network.internet
        : network.addNat(`router-${name}`, toAddress(nat.routerAddress.split('/')[0]!)).site;
    for (const node of nodes) {
      const host = network.addHost(node.name, [toAddress(node.address)], site);
      host.mtuBytes = MTU_BYTES;
      hosts.set(node.name, host);
    }
  }
  return hosts;
}

/** An address that the program itself wrote. */
export function toAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (!address.ok) throw new Error(address.error);
  return address.value;
}
