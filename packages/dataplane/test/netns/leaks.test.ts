/** Nothing is left of a device that is gone. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Sandbox } from '../support/sandbox.ts';
import { until } from '../support/sandbox.ts';
import { address, joinTwoNamespaces, startForwarder, wg } from '../support/underlay.ts';
import { newKeys, startDevice, type Keys } from './support/device.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath, inSandbox } from './support/packet-paths.ts';
import { TestProcess } from './support/process.ts';

const N_CYCLES = 200;
/** Enough for whatever a process makes once and keeps. */
const N_WARM_UP = 5;
const TALKS_EVERY = 20;
const MEGABYTE = 1024 * 1024;

describeOnEachPath('a device that is gone', [], (path) => {
  const keys = newKeys();

  /** The other end of the tunnel, in `n2`; its keys. */
  async function startFar(sandbox: Sandbox): Promise<Keys> {
    const far = await startDevice(sandbox, { netns: 'n2', name: 'far', path });
    const farKeys = newKeys();
    await far.set('listen-port 5002 private-key /dev/stdin', farKeys.privateKey);
    await far.set(`peer ${keys.publicKey} allowed-ips 10.9.0.1/32`);
    await address(sandbox, 'n2', 'far', 2);
    await far.listens();
    return farKeys;
  }

  it(`leaves no descriptor, thread, process, interface or socket, ${N_CYCLES} times in one forwarder`, () =>
    inSandbox(async (sandbox) => {
      await joinTwoNamespaces(sandbox);
      const farKeys = await startFar(sandbox);
      const { client, process: child } = await startForwarder(sandbox, 'n1', { FLATLAND_FORWARDER: path });
      const forwarder = new TestProcess(child);

      /** Makes a device, lets it talk every now and then, and removes it. */
      const cycle = async (i: number) => {
        const made = await client.ensureDevice({ name: 'near', mtuBytes: 1_420 });
        if (!made.ok) throw new Error(made.error.message);
        expect(made.value.report.path.kind).toBe(path);
        if (i % TALKS_EVERY === 0) {
          await wg(sandbox, 'n1', 'set near private-key /dev/stdin', keys.privateKey);
          const peer = `peer ${farKeys.publicKey} allowed-ips 10.9.0.2/32 endpoint 192.168.9.2:5002`;
          await wg(sandbox, 'n1', `set near ${peer}`);
          await address(sandbox, 'n1', 'near', 1);
          await until('the device is up', async () => {
            const near = await client.device('near');
            return near.ok && near.value.report.isUp;
          });
          expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2', count: 3 })).toBe(true);
        }
        // Half of them go because their interface does.
        if (i % 2 === 0) await client.removeDevice('near');
        else await sandbox.ip('-n n1 link del near');
        await until('the device is gone', async () => {
          const devices = await client.devices();
          return devices.ok && devices.value.length === 0;
        });
      };

      for (let i = 0; i < N_WARM_UP; i++) await cycle(i);
      const before = holdings(forwarder, sandbox);
      for (let i = 0; i < N_CYCLES; i++) await cycle(i);
      await until('nothing more is held than before', () => {
        const after = holdings(forwarder, sandbox);
        return JSON.stringify(after) === JSON.stringify(before);
      }).catch(() => expect(holdings(forwarder, sandbox)).toEqual(before));
      expect(await interfaces(sandbox, 'n1')).toEqual(['lo', 'v1']);
      expect(forwarder.residentBytes()).toBeLessThan(600 * MEGABYTE);
    }));

  it('leaves no interface and no process, whichever way it ends', () =>
    inSandbox(async (sandbox) => {
      await joinTwoNamespaces(sandbox);
      const farKeys = await startFar(sandbox);
      for (const end of ['interface', 'socket', 'SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
        const near = await startDevice(sandbox, { netns: 'n1', name: 'near', path });
        await near.set('private-key /dev/stdin', keys.privateKey);
        await near.set(`peer ${farKeys.publicKey} allowed-ips 10.9.0.2/32 endpoint 192.168.9.2:5002`);
        await address(sandbox, 'n1', 'near', 1);
        await near.listens();
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
        const { child } = near.process;
        if (end === 'interface') await sandbox.ip('-n n1 link del near');
        else if (end === 'socket') await sandbox.must(['rm', '/run/wireguard/near.sock']);
        else process.kill(near.process.pid(), end);
        await until('the process is gone', () => child.exitCode !== null || child.signalCode !== null);
        expect(await interfaces(sandbox, 'n1')).toEqual(['lo', 'v1']);
        if (end !== 'SIGKILL') expect(readdirSync(sandbox.path('/run/wireguard'))).toEqual(['far.sock']);
      }
    }));
});

/** What a process holds, its client's connections aside. */
function holdings(process_: TestProcess, sandbox: Sandbox) {
  const descriptors = process_.descriptors();
  return {
    nSockets: descriptors.filter((target) => target === 'socket:').length,
    others: descriptors.filter((target) => target !== 'socket:'),
    threads: process_.threads(),
    children: process_.children(),
    configurationSockets: readdirSync(sandbox.path('/run/wireguard')),
  };
}

async function interfaces(sandbox: Sandbox, netns: string): Promise<string[]> {
  const text = await sandbox.must(['ip', '-j', '-n', netns, 'link', 'show']);
  return (JSON.parse(text) as { ifname: string }[]).map(({ ifname }) => ifname).toSorted();
}
