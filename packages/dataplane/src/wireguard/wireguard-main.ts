/**
 * One WireGuard device by itself, with wireguard-go's arguments and environment, so that whatever drives
 * wireguard-go drives this.
 *
 *     flatland wireguard [-f | --foreground] INTERFACE
 *
 * Without `-f` it returns as soon as interface and configuration socket are there, and goes on in the background.
 * It ends, and takes the interface away, on SIGTERM or SIGINT, when the interface is deleted, or when the
 * configuration socket is. Environment: `LOG_LEVEL` (`verbose`, `error`, `silent`), `WG_TUN_FD` (an open TUN device
 * to use), `WG_PROCESS_FOREGROUND=1` (as `-f`).
 */
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_MTU_BYTES } from '../core/noise/constants.ts';
import { isInterfaceName } from '../io/linux/tun-device.ts';
import { systemClock } from '../io/node/system-clock.ts';
import { systemRandom } from '../io/node/system-random.ts';
import { DeviceRegistry } from './device-registry.ts';
import { deviceOpener } from './open-device.ts';
import { processLog } from './process-log.ts';
import { UAPI_DIRECTORY } from './uapi-directory.ts';

const LOOK_MS = 1_000;
const USAGE = 'usage: flatland wireguard [-f|--foreground] INTERFACE-NAME\n';

async function main(): Promise<void> {
  const { name, isForeground } = parseCommandLine();
  if (isForeground) await serve(name);
  else detach(name);
}

async function serve(name: string): Promise<void> {
  const log = processLog(process.env);
  const tunFd = process.env['WG_TUN_FD'];
  const opener = deviceOpener(process.env);
  if (!opener.ok) {
    report({ error: opener.error });
    process.exitCode = 1;
    return;
  }
  const registry = new DeviceRegistry({
    crypto: opener.value.crypto,
    random: systemRandom,
    clock: systemClock,
    log,
    uapiDirectory: UAPI_DIRECTORY,
    openDevice: (request) =>
      tunFd === undefined ? opener.value.open(request) : opener.value.adopt(Number(tunFd)),
    onRemoved: () => process.exit(0),
  });
  const made = await registry.ensure({ name, mtuBytes: DEFAULT_MTU_BYTES });
  if (!made.ok) {
    report({ error: made.error });
    process.exitCode = 1;
    return;
  }
  const { path } = made.value.uapi;
  onChanged(dirname(path), () => {
    if (!existsSync(path)) void registry.remove(made.value.request.name);
  });
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => void registry.remove(made.value.request.name));
  report({ ready: true });
}

/** Calls back when a directory may have changed; looks each second where the machine has no inotify left to tell. */
function onChanged(directory: string, look: () => void): void {
  try {
    watch(directory, look);
  } catch {
    setInterval(look, LOOK_MS);
  }
}

/** Starts the same again in the background and ends when that is ready, or has failed. */
function detach(name: string): void {
  const logs = process.env['LOG_LEVEL'] !== undefined && process.env['LOG_LEVEL'] !== 'silent';
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '-f', name], {
    detached: true,
    stdio: ['ignore', 'ignore', logs ? 'inherit' : 'ignore', 'ipc'],
    env: process.env,
  });
  child.once('message', (message: Report) => {
    if ('error' in message) process.stderr.write(`${message.error}\n`);
    process.exit('error' in message ? 1 : 0);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}

/** What the process in the background tells the one that started it. */
type Report = { readonly ready: true } | { readonly error: string };

function report(message: Report): void {
  if (process.send !== undefined) process.send(message, undefined, {}, () => process.disconnect?.());
  else if ('error' in message) process.stderr.write(`${message.error}\n`);
}

function parseCommandLine(): { readonly name: string; readonly isForeground: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { foreground: { type: 'boolean', short: 'f', default: false } },
      allowPositionals: true,
    });
    const [name] = positionals;
    if (name !== undefined && positionals.length === 1 && isInterfaceName(name.replace('%d', '0')))
      return { name, isForeground: values.foreground || process.env['WG_PROCESS_FOREGROUND'] === '1' };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.stderr.write(USAGE);
  return process.exit(2);
}

await main();
