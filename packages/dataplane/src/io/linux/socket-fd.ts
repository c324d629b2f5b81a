import { readFileSync, writeFileSync } from 'node:fs';
import type { IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { socketAddress } from './socket-connect.ts';
import type { Libc } from './tun-libc.ts';
import { inNamespace } from './tun-namespace.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IP_RECVERR = 11;
const IP_FREEBIND = 15;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_RECVERR = 25;
const IPV6_V6ONLY = 26;
/** Never fragmented, and what is known of the path's MTU is not heeded. */
const PMTUDISC_PROBE = 3;

const PING_GROUPS = '/proc/sys/net/ipv4/ping_group_range';

export interface SocketRequest {
  /** Absent: the process's own namespace. */
  readonly namespacePath?: string;
  readonly protocol: 'ICMP' | 'UDP' | 'TCP';
  readonly family: 4 | 6;
  /** Absent: any of the family. */
  readonly address?: IpAddress;
  /** 0: any. */
  readonly port: number;
  /** Errors that routers answer with reach the socket. Node's own sockets do not bear that. */
  readonly reportsErrors?: boolean;
  /** Datagrams go out in one piece, whatever is known of the way. */
  readonly dontFragment?: boolean;
}

/**
 * Opens a bound socket in a network namespace and gives its descriptor, for Node to adopt. The error is
 * the kernel's name for it, such as `EADDRINUSE`, or says that there is no such namespace.
 */
export function openSocketFd(libc: Libc, request: SocketRequest): Result<number, string> {
  const { namespacePath } = request;
  if (namespacePath === undefined) return open(libc, request);
  const opened = inNamespace(libc, namespacePath, () => open(libc, request));
  return opened.ok ? opened.value : opened;
}

function open(libc: Libc, request: SocketRequest): Result<number, string> {
  const { family, protocol } = request;
  const fd = protocol === 'ICMP' ? openPing(libc, family) : openPlain(libc, family, protocol);
  if (fd < 0) return err(libc.errorName(libc.errno()));
  const isV6 = family === 6;
  setOption(libc, fd, [SOL_SOCKET, protocol === 'TCP' ? SO_REUSEADDR : 0, 1]);
  setOption(libc, fd, [IPPROTO_IP, IP_FREEBIND, 1]);
  if (isV6) setOption(libc, fd, [IPPROTO_IPV6, IPV6_V6ONLY, 1]);
  if (request.reportsErrors === true)
    setOption(libc, fd, isV6 ? [IPPROTO_IPV6, IPV6_RECVERR, 1] : [IPPROTO_IP, IP_RECVERR, 1]);
  if (request.dontFragment === true) {
    const option = isV6 ? [IPPROTO_IPV6, IPV6_MTU_DISCOVER] : [IPPROTO_IP, IP_MTU_DISCOVER];
    setOption(libc, fd, [option[0]!, option[1]!, PMTUDISC_PROBE]);
  }
  const address = socketAddress(request.address, protocol === 'ICMP' ? 0 : request.port, family);
  if (libc.bind(fd, address, address.length) === 0) return ok(fd);
  const error = libc.errorName(libc.errno());
  libc.close(fd);
  return err(error);
}

function openPlain(libc: Libc, family: 4 | 6, protocol: 'UDP' | 'TCP'): number {
  const type = protocol === 'UDP' ? SOCK_DGRAM : SOCK_STREAM;
  return libc.socket(family === 4 ? AF_INET : AF_INET6, type | NONBLOCK_CLOEXEC, 0);
}

/** Ping sockets are allowed by group: ours is let in for the moment of opening. */
function openPing(libc: Libc, family: 4 | 6): number {
  const before = readFileSync(PING_GROUPS, 'utf8').trim();
  writeFileSync(PING_GROUPS, '0 0');
  try {
    return family === 4
      ? libc.socket(AF_INET, SOCK_DGRAM | NONBLOCK_CLOEXEC, IPPROTO_ICMP)
      : libc.socket(AF_INET6, SOCK_DGRAM | NONBLOCK_CLOEXEC, IPPROTO_ICMPV6);
  } finally {
    writeFileSync(PING_GROUPS, before);
  }
}

function setOption(libc: Libc, fd: number, [level, option, value]: readonly [number, number, number]): void {
  if (option === 0) return;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  libc.setsockopt(fd, level, option, bytes, bytes.length);
}
