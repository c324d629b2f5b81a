import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KubeletPort } from '@flatland/kube/server/kubelet-port';

/** How the API servers reach kubelets: each listens on a unix socket. `socketOf` gives undefined for unknown nodes. */
export function kubeletDialer(socketOf: (nodeName: string) => string | undefined): KubeletPort {
  const connectKubelet = async (nodeName: string): Promise<Duplex> => {
    const path = socketOf(nodeName);
    if (path === undefined) throw new Error(`node ${nodeName} is not a node of the lab`);
    return dial(path, nodeName);
  };
  return {
    connectKubelet,
    async connectPod({ nodeName, namespace, name, port }) {
      const socket = await connectKubelet(nodeName);
      return upgrade(socket, `/dial/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/${port}`);
    },
  };
}

function dial(path: string, nodeName: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => reject(new Error(`the kubelet of ${nodeName} does not answer`)));
  });
}

const MAX_HEAD_BYTES = 16 * 1024;

/** Asks for the raw bytes behind a path (HTTP/1.1 Upgrade). Rejects with what the kubelet answers instead. */
function upgrade(socket: Duplex, path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const fail = (message: string) => {
      socket.destroy();
      reject(new Error(message));
    };
    const onEnd = () => fail('the kubelet closed the connection');
    // Read on demand, not as it flows: what follows the head belongs to the caller, who must find a fresh stream.
    const onReadable = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) {
        if (received.length > MAX_HEAD_BYTES) fail('the kubelet does not speak HTTP');
        return;
      }
      socket.off('readable', onReadable);
      socket.off('end', onEnd);
      socket.off('error', onEnd);
      const rest = received.subarray(end + 4);
      if (!received.toString('latin1', 0, 32).startsWith('HTTP/1.1 101')) return fail(rest.toString().trim());
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    socket.on('error', onEnd);
    socket.on('end', onEnd);
    socket.on('readable', onReadable);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: kubelet\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n`);
  });
}
