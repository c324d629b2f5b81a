import { cidrHasAddress } from '@flatland/shared/address/arithmetic';
import type { IpAddress } from '@flatland/shared/address/ip';
import { NODE_DNS } from '@flatland/shared/dns/node-dns';
import type { DomainName } from '@flatland/shared/model/names';
import type { NamespaceSockets, SocketPlace, StreamConnection } from '../../ports/namespace-sockets.ts';
import type { WantedListener } from '../listeners/keyed-listeners.ts';
import { answerQuery, type DnsClient } from './answer-query.ts';
import type { DnsZones } from './dns-zones.ts';

const DNS_PORT = 53;
const LENGTH_BYTES = 2;

/** DNS on a domain's router, for its members. */
export function routerDnsListeners(
  deps: { readonly sockets: NamespaceSockets; readonly zones: DnsZones },
  domain: DomainName,
  addresses: readonly IpAddress[],
): WantedListener[] {
  const place: SocketPlace = { type: 'domain', domain };
  const zonesFor = ({ source }: DnsClient) => {
    const zone = deps.zones.zone(domain);
    return zone?.prefixes.some((prefix) => cidrHasAddress(prefix, source)) === true ? [zone] : [];
  };
  return addresses.flatMap((address) =>
    dnsListeners(deps.sockets, { place, address, port: DNS_PORT, zonesFor }),
  );
}

/**
 * DNS in the node's own network, for the cluster's name server. Over loopback it is one that runs there as well; at the
 * node's addresses, to which a Service of the cluster leads, it is one of the node's pods, and anybody else asks for himself.
 */
export function nodeDnsListeners(
  { sockets, zones }: { readonly sockets: NamespaceSockets; readonly zones: DnsZones },
  nodeAddresses: readonly IpAddress[],
): WantedListener[] {
  const place: SocketPlace = { type: 'node' };
  const byLoopback = ({ source, subnet }: DnsClient) => zones.zonesOfPod(subnet ?? source);
  const byNetwork = ({ source, subnet }: DnsClient) =>
    zones.zonesOfPod(zones.isNameServer(source) ? (subnet ?? source) : source);
  return [
    ...dnsListeners(sockets, { place, ...NODE_DNS, zonesFor: byLoopback }),
    ...nodeAddresses.flatMap((address) =>
      dnsListeners(sockets, { place, address, port: NODE_DNS.port, zonesFor: byNetwork }),
    ),
  ];
}

interface DnsServer {
  readonly place: SocketPlace;
  readonly address: IpAddress;
  readonly port: number;
  readonly zonesFor: (client: DnsClient) => ReturnType<DnsZones['zonesOfPod']>;
}

function dnsListeners(sockets: NamespaceSockets, server: DnsServer): WantedListener[] {
  const { place, address, port, zonesFor } = server;
  const where = place.type === 'domain' ? place.domain : place.type;
  return [
    {
      key: `dns udp ${where} ${address}`,
      open: () =>
        sockets.listenUdp(place, address, port, (request) =>
          answerQuery(request.bytes, { zonesFor, source: request.address, transport: 'udp' }),
        ),
    },
    {
      key: `dns tcp ${where} ${address}`,
      open: () =>
        sockets.listenTcp(place, address, port, (connection) =>
          serveStream(connection, (bytes) =>
            answerQuery(bytes, { zonesFor, source: connection.address, transport: 'tcp' }),
          ),
        ),
    },
  ];
}

/** Messages on a stream carry their length before them (RFC 1035 §4.2.2). */
export function serveStream(
  connection: StreamConnection,
  answer: (bytes: Uint8Array) => Uint8Array | undefined,
): void {
  let buffered = Buffer.alloc(0);
  connection.onData((chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= LENGTH_BYTES) {
      const length = buffered.readUInt16BE(0);
      if (buffered.length < LENGTH_BYTES + length) return;
      const reply = answer(buffered.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      buffered = buffered.subarray(LENGTH_BYTES + length);
      if (reply === undefined) return connection.end();
      const prefix = Buffer.alloc(LENGTH_BYTES);
      prefix.writeUInt16BE(reply.length);
      connection.write(Buffer.concat([prefix, reply]));
    }
  });
}
