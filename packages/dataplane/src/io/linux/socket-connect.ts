import type { IpAddress } from '@flatland/shared/address/ip';
import { ipBytes } from '../../core/wire/ip-bytes.ts';
import { ownSymbols } from '../node/own-symbols.ts';
import type { Libc } from './tun-libc.ts';

const AF_INET = 2;
const AF_INET6 = 10;

type Connect = (fd: number, address: Uint8Array, length: number) => number;

let connectFunction: Connect | undefined;

/** Sets whom a datagram socket sends to and hears from. Gives the name of the error, such as `EHOSTUNREACH`. */
export function connectFd(libc: Libc, fd: number, address: IpAddress, port: number): string | undefined {
  connectFunction ??= loadConnect();
  const bytes = socketAddress(address, port);
  return connectFunction(fd, bytes, bytes.length) === 0 ? undefined : libc.errorName(libc.errno());
}

/** `sockaddr_in` or `sockaddr_in6`. */
export function socketAddress(address: IpAddress | undefined, port: number, family?: 4 | 6): Uint8Array {
  const isV6 = family === 6 || address?.includes(':') === true;
  const bytes = new Uint8Array(isV6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isV6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port);
  if (address !== undefined) bytes.set(ipBytes(address), isV6 ? 8 : 4);
  return bytes;
}

function loadConnect(): Connect {
  return ownSymbols().library.func('int connect(int fd, const void *address, unsigned int length)');
}
