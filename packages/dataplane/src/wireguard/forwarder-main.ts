/**
 * The forwarder process: all WireGuard devices of a node, in one event loop.
 *
 *     node forwarder-main.ts [--control PATH] [--uapi-directory DIR]
 *
 * It waits while another forwarder serves at its control socket, and takes over when that ends: so one replaces the
 * other with the shortest gap. Devices are made through the control socket (`ForwarderClient`); each has WireGuard's own configuration socket in
 * the directory, so that `wg` works on it. SIGTERM and SIGINT close everything and end it with 0. Environment:
 * `FLATLAND_FORWARDER_SOCKET` is the control socket where `--control` does not say it, `LOG_LEVEL`, `FLATLAND_FORWARDER` and `FLATLAND_WIREGUARD_OFFLOADS` (`open-device.ts`).
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { systemClock } from '../io/node/system-clock.ts';
import { systemRandom } from '../io/node/system-random.ts';
import { serveControl } from './control-server.ts';
import { DeviceRegistry } from './device-registry.ts';
import { deviceOpener } from './open-device.ts';
import { processLog } from './process-log.ts';
import { waitForPredecessor } from './stand-by.ts';
import { FORWARDER_SOCKET } from './forwarder-socket.ts';
import { UAPI_DIRECTORY } from './uapi-directory.ts';

const USAGE = 'usage: forwarder-main [--control PATH] [--uapi-directory DIR]\n';

async function main(): Promise<void> {
  const log = processLog(process.env);
  const { control, 'uapi-directory': uapiDirectory } = parseOptions();
  const opener = deviceOpener(process.env);
  if (!opener.ok) {
    log.error({ error: opener.error }, 'cannot start');
    process.exit(2);
  }
  const registry = new DeviceRegistry({
    crypto: opener.value.crypto,
    random: systemRandom,
    clock: systemClock,
    log,
    uapiDirectory,
    openDevice: opener.value.open,
  });
  let stop: (signal: string) => Promise<void> = async () => process.exit(0);
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop(signal));
  await waitForPredecessor(control, () =>
    log.info({ control }, 'another forwarder runs; this one takes over when that ends'),
  );
  const server = await serveControl({ registry, log, instance: randomUUID() }, control);
  if (!server.ok) {
    log.error({ error: server.error }, 'cannot start');
    process.exit(1);
  }
  const { packetPath } = opener.value;
  log.info({ control, uapiDirectory, path: packetPath.kind, reason: packetPath.reason }, 'forwarder ready');

  stop = async (signal) => {
    log.info({ signal }, 'forwarder stops');
    // Devices and ports are free when the next process takes over, which is when the socket is.
    await registry.closeAll();
    await server.value.close();
    process.exit(0);
  };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        control: { type: 'string', default: process.env['FLATLAND_FORWARDER_SOCKET'] || FORWARDER_SOCKET },
        'uapi-directory': { type: 'string', default: UAPI_DIRECTORY },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return process.exit(2);
  }
}

await main();
