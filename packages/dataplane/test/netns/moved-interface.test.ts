/** An interface in another namespace than the sockets of its device. */
import { expect, it } from 'vitest';
import { until } from '../support/sandbox.ts';
import { address } from '../support/underlay.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath, inSandbox } from './support/packet-paths.ts';
import { openTunnel } from './support/tunnel.ts';

describeOnEachPath('an interface that is moved to a namespace without any other', [], (path) => {
  it('reaches through the sockets that stay, follows its MTU, and ends its device when it goes', () =>
    inSandbox(async (sandbox) => {
      const { one, two } = await openTunnel(sandbox, path);
      expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
      await sandbox.ip('netns add inner\n-n n1 link set wg1 netns inner');
      await address(sandbox, 'inner', 'wg1', 1);
      await one.device.listens();
      for (const to of ['10.9.0.2', 'fd10::2'])
        await until('they talk again', () => answers(sandbox, { netns: 'inner', to, waitSeconds: 6 }));
      expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: 3 })).toBe(true);
      expect(await two.device.endpointOf(one.keys)).toBe(`192.168.9.1:${one.port}`);

      await sandbox.ip('-n inner link set wg1 mtu 1300');
      const full = { netns: 'inner', to: '10.9.0.2', packetBytes: 1_300, dontFragment: true };
      expect(await answers(sandbox, full)).toBe(true);
      expect(await answers(sandbox, { ...full, packetBytes: 1_301, waitSeconds: 1 })).toBe(false);

      await sandbox.ip('-n inner link del wg1');
      const { child } = one.device.process;
      await until('the device has ended', () => child.exitCode !== null);
    }));
});
