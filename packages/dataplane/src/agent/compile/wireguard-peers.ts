import { compareCidr, hostCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { WireguardPeer } from '../../ports/wireguard-control.ts';
import { compareText } from './compare-text.ts';
import { pathKey, type PathFact } from './compile-input.ts';
import type { DomainProgram } from './node-program.ts';

/**
 * The peers of a domain's device. A peer's router addresses are always its own, so that a probe tries
 * the direct way; its blocks are those of the relay where packets go through one.
 */
export function wireguardPeers(
  program: DomainProgram,
  paths: Readonly<Record<string, PathFact>>,
): WireguardPeer[] {
  const ids = new Set(program.peers.map((peer) => `${peer.cluster}/${peer.node}`));
  const allowed = new Map<string, Cidr[]>([...ids].map((id) => [id, []]));
  for (const peer of program.peers) {
    const id = `${peer.cluster}/${peer.node}`;
    const relay = paths[pathKey(program.domain, peer.cluster, peer.node)]?.relay;
    const carrier = relay !== undefined && ids.has(relay) ? relay : id;
    allowed.get(id)?.push(...peer.routerAddresses.map(hostCidr));
    allowed.get(carrier)?.push(...peer.blocks);
  }
  return program.peers
    .map((peer): WireguardPeer => {
      const first = peer.candidates[0];
      return {
        publicKey: peer.publicKey,
        ...(first !== undefined && { initialEndpoint: { address: first.address, port: first.port } }),
        persistentKeepaliveSeconds: peer.persistentKeepaliveSeconds,
        allowedIps: [...new Set(allowed.get(`${peer.cluster}/${peer.node}`))].toSorted(compareCidr),
      };
    })
    .toSorted((a, b) => compareText(a.publicKey, b.publicKey));
}
