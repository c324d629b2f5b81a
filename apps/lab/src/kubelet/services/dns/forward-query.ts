import { createSocket } from 'node:dgram';
import { NODE_DNS } from '@flatland/shared/dns/node-dns';
import { withClientSubnet } from './client-subnet.ts';

const TIMEOUT_MS = 2000;

/**
 * Hands a query on to the node's agent and gives its answer. The agent answers members only and knows them by their
 * address, so the query carries it (EDNS Client Subnet, RFC 7871).
 */
export function forwardQuery(query: Buffer, clientAddress: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => end(() => reject(new Error('the agent does not answer'))), TIMEOUT_MS);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.once('message', (answer) => end(() => resolve(answer)));
    socket.once('error', (error) => end(() => reject(error)));
    socket.send(withClientSubnet(query, clientAddress), NODE_DNS.port, NODE_DNS.address);
  });
}
