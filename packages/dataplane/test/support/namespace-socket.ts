/** Sockets of this process inside other network namespaces. */
import { createSocket, type Socket } from 'node:dgram';
import { loadLibc } from '../../src/io/linux/tun-libc.ts';
import { inNamespace } from '../../src/io/linux/tun-namespace.ts';
import { openUdpFd } from '../../src/io/node/linux-udp-fd.ts';
import type { Sandbox } from './sandbox.ts';

export interface NamespaceSocket extends AsyncDisposable {
  readonly socket: Socket;
}

/** A UDP socket over IPv4 of this process, bound to a port inside a namespace of the sandbox. */
export async function namespaceSocket(
  sandbox: Sandbox,
  netns: string,
  port: number,
): Promise<NamespaceSocket> {
  const socket = await udpSocketIn(await sandbox.netnsPath(netns), port);
  const dispose = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { socket, [Symbol.asyncDispose]: dispose };
}

/** A UDP socket over IPv4 of this process, bound to a port inside the namespace at a path. */
export async function udpSocketIn(path: string, port: number): Promise<Socket> {
  const libc = loadLibc();
  if (!libc.ok) throw new Error(libc.error);
  const fd = inNamespace(libc.value, path, () => openUdpFd(libc.value, 4, port));
  if (!fd.ok || !fd.value.ok) throw new Error('no socket');
  const { value } = fd.value;
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  await new Promise<void>((resolve) => socket.bind({ fd: value }, resolve));
  return socket;
}
