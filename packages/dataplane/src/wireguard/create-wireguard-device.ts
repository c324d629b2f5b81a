import { err, ok, type Result } from '@flatland/shared/result';
import { DeviceLoop, type DeviceLoopDeps, type DeviceLoopOptions } from './device-loop.ts';

/**
 * Makes a WireGuard device over whatever ports it is given and starts it: over a TUN device and the machine's
 * sockets, or over memory without any process. The interface is closed again where it cannot listen.
 */
export async function createWireguardDevice(
  deps: DeviceLoopDeps,
  options: DeviceLoopOptions = {},
): Promise<Result<DeviceLoop, string>> {
  const loop = new DeviceLoop(deps, options);
  const started = await loop.start().catch((error: unknown) => err(String(error)));
  if (started.ok) return ok(loop);
  await loop.close({ removeInterface: true });
  return started;
}
