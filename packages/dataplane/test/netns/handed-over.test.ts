/** A TUN device that another program opened and hands over by `WG_TUN_FD`, as wireguard-go takes it. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { nativeProblem } from '../support/packet-paths.ts';
import { sandboxProblem, skips } from '../support/sandbox.ts';
import { joinTwoNamespaces, transfersIntactBothWays } from '../support/underlay.ts';
import { startDevice } from './support/device.ts';
import { inSandbox, type PathKind } from './support/packet-paths.ts';
import { openTunnelFrom } from './support/tunnel.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SCRIPT = fileURLToPath(new URL('support/hand-over-tun.ts', import.meta.url));
const IFF_TUN = 1;
const IFF_TAP = 2;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TRANSFER_BYTES = 1024 * 1024;

const launcher = (flags: number) => [process.execPath, SCRIPT, 'wg1', String(flags)];
const problem = sandboxProblem('wg') ?? nativeProblem;

describe.skipIf(skips('TUN devices that are handed over', problem))(
  'a TUN device that is handed over',
  () => {
    it.each([
      ['native', 'with the header of segments', IFF_TUN | IFF_NO_PI | IFF_VNET_HDR],
      ['portable', 'without', IFF_TUN | IFF_NO_PI],
    ] as const)('is carried on the %s path where it was opened %s', (path, _, flags) =>
      inSandbox(async (sandbox) => {
        await openTunnelFrom(sandbox, 'native', (inside, given) =>
          startDevice(inside, { ...given, path, launcher: launcher(flags) }),
        );
        expect(await transfersIntactBothWays(sandbox, TRANSFER_BYTES)).toBe(true);
      }),
    );

    it.each([
      ['TAP device', 'native', IFF_TAP | IFF_NO_PI, 'open it with IFF_TUN'],
      ['IFF_VNET_HDR', 'portable', IFF_TUN | IFF_NO_PI | IFF_VNET_HDR, 'only the native path reads'],
    ] as const)('is refused where its packets could not be read: %s', (what, path, flags, next) =>
      inSandbox(async (sandbox) => {
        await joinTwoNamespaces(sandbox);
        const options = { netns: 'n1', name: 'wg1', path: path as PathKind, launcher: launcher(flags) };
        await expect(startDevice(sandbox, options)).rejects.toThrow(
          new RegExp(`ended: .*${what}.*${next}`, 's'),
        );
      }),
    );
  },
);
