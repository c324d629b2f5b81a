/** WireGuard's configuration socket (wireguard.com/xplatform), as `wg` uses it. */
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { ok, type Result } from '@flatland/shared/result';
import type { DeviceConfiguration, DeviceSnapshot } from '../core/configuration/device-configuration.ts';
import { parseUapiSet } from '../core/configuration/uapi-parse.ts';
import { writeUapiGet } from '../core/configuration/uapi-write.ts';
import type { LogPort } from '../ports/log.ts';
import { listenUnix } from './unix-server.ts';

/** What the socket needs of a device. */
export interface Configurable {
  configuration(): DeviceSnapshot;
  configure(change: DeviceConfiguration): Promise<Result<undefined, string>>;
}

export interface UapiServer {
  readonly path: string;
  close(): Promise<void>;
}

const EINVAL = 22;
const EADDRINUSE = 98;
const EPROTO = 71;
/** Enough for far more allowed IPs than a device holds. */
const MAX_LINES = 4_000_000;

/** Serves a device's configuration at `<directory>/<name>.sock`. */
export async function serveUapi(
  device: Configurable,
  path: string,
  log: LogPort,
): Promise<Result<UapiServer, string>> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    void converse(device, socket, log);
  });
  const listening = await listenUnix(server, path);
  if (!listening.ok) return listening;
  return ok({
    path,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  });
}

/** Answers the requests of one connection, one after the other. */
async function converse(device: Configurable, socket: Socket, log: LogPort): Promise<void> {
  const request: string[] = [];
  try {
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      if (line !== '') {
        if (request.push(line) > MAX_LINES) break;
        continue;
      }
      socket.write(await answer(device, request.splice(0), log));
    }
  } catch (error) {
    // Mostly the other side went away in the middle of a request.
    log.warn({ error: String(error) }, 'configuration connection ended');
  }
  socket.destroy();
}

async function answer(device: Configurable, lines: string[], log: LogPort): Promise<string> {
  const [operation = '', ...body] = lines;
  switch (operation) {
    case 'get=1':
      return `${writeUapiGet(device.configuration())}errno=0\n\n`;
    case 'set=1': {
      const change = parseUapiSet(body);
      if (!change.ok) {
        log.warn({ error: change.error }, 'configuration refused');
        return `errno=${-EINVAL}\n\n`;
      }
      const configured = await device.configure(change.value);
      if (configured.ok) return 'errno=0\n\n';
      log.warn({ error: configured.error }, 'configuration failed');
      return `errno=${-(change.value.listenPort === undefined ? EINVAL : EADDRINUSE)}\n\n`;
    }
    default:
      return `errno=${-EPROTO}\n\n`;
  }
}
