/** UDP sockets opened by hand on Linux, for what `node:dgram` does not set: fragmentation, buffers, marks. */
import { err, ok, type Result } from '@flatland/shared/result';
import type { Libc } from '../linux/tun-libc.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_MARK = 36;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IP_MTU_DISCOVER = 10;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;
const PMTUDISC_DONT = 0;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * A socket bound to a port of every address of a family. Datagrams that are too long for the path are fragmented,
 * as the kernel's WireGuard does. The error is the kernel's name for it, such as `EADDRINUSE`.
 */
export function openUdpFd(libc: Libc, family: 4 | 6, port: number): Result<number, string> {
  const fd = libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return err(libc.errorName(libc.errno()));
  setOption(libc, fd, [SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES]);
  setOption(libc, fd, [SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES]);
  if (family === 4) setOption(libc, fd, [IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DONT]);
  else {
    setOption(libc, fd, [IPPROTO_IPV6, IPV6_V6ONLY, 1]);
    setOption(libc, fd, [IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DONT]);
  }
  const address = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(address.buffer);
  view.setUint16(0, family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  if (libc.bind(fd, address, address.length) === 0) return ok(fd);
  const error = libc.errorName(libc.errno());
  libc.close(fd);
  return err(error);
}

/** Marks what a socket sends (`fwmark`), for policy routing. */
export function markUdpFd(libc: Libc, fd: number, mark: number): Result<undefined, string> {
  if (setOption(libc, fd, [SOL_SOCKET, SO_MARK, mark])) return ok(undefined);
  return err(`cannot set a firewall mark: ${libc.errorName(libc.errno())}`);
}

/** Sets DSCP and ECN of what a socket sends from now on. */
export function setTrafficClass(libc: Libc, fd: number, family: 4 | 6, trafficClass: number): void {
  const [level, option] = family === 4 ? [IPPROTO_IP, IP_TOS] : [IPPROTO_IPV6, IPV6_TCLASS];
  setOption(libc, fd, [level, option, trafficClass]);
}

/**
 * Has a socket cut what it is given into datagrams of so many bytes; 0: not at all. False where the kernel cannot.
 */
export function setSegmentBytes(libc: Libc, fd: number, bytes: number): boolean {
  return setOption(libc, fd, [SOL_UDP, UDP_SEGMENT, bytes]);
}

function setOption(
  libc: Libc,
  fd: number,
  [level, option, value]: readonly [number, number, number],
): boolean {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return libc.setsockopt(fd, level, option, bytes, bytes.length) === 0;
}
