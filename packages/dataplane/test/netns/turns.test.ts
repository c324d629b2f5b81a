/** Which thread of the native path reads an interface: `src/native/turn.h`. */
import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { nativeProblem } from '../support/packet-paths.ts';
import { sandboxProblem, skips, until } from '../support/sandbox.ts';
import { transfersIntactBothWays } from '../support/underlay.ts';
import { startForwarderDevice } from './support/device.ts';
import { answers } from './support/echo.ts';
import { inSandbox } from './support/packet-paths.ts';
import { openTunnelFrom, outerEndpoint } from './support/tunnel.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const N_PINGS = 30;
const TRANSFER_BYTES = 16 * 1024 * 1024;
const problem = sandboxProblem('ping', 'wg') ?? nativeProblem;

describe.skipIf(skips('turns of the native path’s threads', problem))('threads of the native path', () => {
  it('answer single packets from one thread, and carry more with two', () =>
    inSandbox(async (sandbox) => {
      const { one } = await openTunnelFrom(sandbox, 'native', startForwarderDevice);
      const sender = () => one.device.process.waitsOf('encapsulate');
      const ping = () => answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: N_PINGS });
      const pinged = async () => {
        const before = sender();
        expect(await ping()).toBe(true);
        return sender() - before;
      };
      await until('the receiving thread reads', async () => (await pinged()) === 0);

      const before = sender();
      expect(await transfersIntactBothWays(sandbox, TRANSFER_BYTES)).toBe(true);
      expect(sender() - before).toBeGreaterThan(0);

      await until('the receiving thread reads again', async () => (await pinged()) === 0);
    }));

  it('go on where sockets change while the receiving one reads, and tell of the interface’s end', () =>
    inSandbox(async (sandbox) => {
      const { one, two } = await openTunnelFrom(sandbox, 'native', startForwarderDevice);
      for (let port = 6_001; port < 6_006; port++) {
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2', count: 5 })).toBe(true);
        await one.device.set(`listen-port ${port}`);
        await two.device.set(`peer ${one.keys.publicKey} endpoint ${outerEndpoint({ ...one, port })}`);
      }
      expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: 5 })).toBe(true);
      await sandbox.ip('-n n1 link del wg1');
      const sockets = () => readdirSync(sandbox.path('/run/wireguard'));
      await until('the device has ended', () => !sockets().includes('wg1.sock'));
    }));
});
