import { readFileSync } from 'node:fs';
import type { IpAddress } from '@flatland/shared/address/ip';
import { ipBytes } from '../../core/wire/ip-bytes.ts';
import { loadLibc, type Libc } from './tun-libc.ts';
import { inNamespace } from './tun-namespace.ts';

const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFNAMSIZ = 16;
const IFREQ_BYTES = 40;
const IFF_RUNNING = 0x40;
const RTF_LOCAL = 0x80000000;

const POLL_MS = 2;
const WITHIN_MS = 2000;

/**
 * Waits until an interface carries packets to its addresses. The kernel activates a link, and takes
 * packets to an IPv6 address, some moments after it was told to, and drops what comes before. Throws
 * where it does not come to that.
 */
export async function waitUntilUp(
  namespacePath: string,
  device: string,
  addresses: readonly IpAddress[] = [],
): Promise<void> {
  const libc = loadLibc();
  if (!libc.ok) throw new Error(libc.error);
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const up = inNamespace(
      libc.value,
      namespacePath,
      () => isRunning(libc.value, device) && areLocal(addresses),
    );
    if (!up.ok) throw new Error(up.error);
    if (up.value) return;
    if (performance.now() > deadline) throw new Error(`${device} does not come up`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** True where the IPv6 addresses among these have their local routes. */
function areLocal(addresses: readonly IpAddress[]): boolean {
  const wanted = addresses.filter((address) => address.includes(':'));
  if (wanted.length === 0) return true;
  const local = new Set<string>();
  for (const line of readFileSync('/proc/thread-self/net/ipv6_route', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === '80' && (Number.parseInt(fields[8] ?? '0', 16) & RTF_LOCAL) !== 0)
      local.add(fields[0] ?? '');
  }
  return wanted.every((address) => local.has(ipBytes(address).toHex()));
}

function isRunning(libc: Libc, device: string): boolean {
  const fd = libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return false;
  try {
    const request = new Uint8Array(IFREQ_BYTES);
    request.set(new TextEncoder().encode(device.slice(0, IFNAMSIZ - 1)));
    if (libc.ioctl(fd, SIOCGIFFLAGS, request) < 0) return false;
    if ((new DataView(request.buffer).getUint16(IFNAMSIZ, true) & IFF_RUNNING) === 0) return false;
    // Setting the flags that it has changes nothing, and waits for whoever activates it at this moment.
    libc.ioctl(fd, SIOCSIFFLAGS, request);
    return true;
  } finally {
    libc.close(fd);
  }
}
