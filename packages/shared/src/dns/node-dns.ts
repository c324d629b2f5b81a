import type { IpAddress } from '../address/ip.ts';

/** Where each node’s agent answers a name server of the node’s own network, which says whom it asks for. */
export const NODE_DNS = { address: '127.0.0.1' as IpAddress, port: 7453 } as const;
