/** One device by itself, driven as wireguard-go is. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';

const MAIN = fileURLToPath(new URL('../../src/wireguard/wireguard-main.ts', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../../../apps/cli/bin/flatland.js', import.meta.url));
const command = (...args: string[]) => [process.execPath, MAIN, ...args];

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(skips('one device by itself', sandboxProblem('wg')))('one device by itself', () => {
  it('returns when interface and socket are there, and ends when the interface is deleted', async () => {
    await using sandbox = await Sandbox.open();
    await sandbox.must(command('wg0'));
    expect(await sandbox.must(['ip', 'link', 'show', 'wg0'])).toContain('mtu 1420');
    expect(await sandbox.must(['wg', 'show', 'wg0', 'listen-port'])).toMatch(/^\d+\n$/);
    await sandbox.must(['wg', 'set', 'wg0', 'listen-port', '4242']);
    expect(await sandbox.must(['wg', 'show', 'interfaces'])).toBe('wg0\n');
    await sandbox.must(['ip', 'link', 'del', 'wg0']);
    await until('it has ended', () => readdirSync(sandbox.path('/run/wireguard')).length === 0);
  });

  it('is what `flatland wireguard` starts, which ends as it does', async () => {
    await using sandbox = await Sandbox.open();
    const launch = (...args: string[]) => [process.execPath, LAUNCHER, 'wireguard', ...args];
    await sandbox.must(launch('wg0'));
    expect(await sandbox.must(['wg', 'show', 'interfaces'])).toBe('wg0\n');
    expect((await sandbox.run(launch('wg0'))).code).toBe(1);
    expect((await sandbox.run(launch())).code).toBe(2);
  });

  it('ends when its configuration socket is deleted, and takes the interface with it', async () => {
    await using sandbox = await Sandbox.open();
    await sandbox.must(command('wg0'));
    await sandbox.must(['rm', '/run/wireguard/wg0.sock']);
    await until(
      'the interface is gone',
      async () => (await sandbox.run(['ip', 'link', 'show', 'wg0'])).code !== 0,
    );
  });

  it('stays in the foreground with -f or WG_PROCESS_FOREGROUND=1', async () => {
    await using sandbox = await Sandbox.open();
    for (const [args, env] of [
      [['-f', 'wg0'], {}],
      [['--foreground', 'wg1'], {}],
      [['wg2'], { WG_PROCESS_FOREGROUND: '1' }],
    ] as const) {
      const child = sandbox.start(command(...args), { env });
      const device = args.at(-1)!;
      await until('it is there', async () => (await sandbox.run(['wg', 'show', device])).code === 0);
      expect(child.exitCode).toBeNull();
      const exited = once(child, 'exit');
      await sandbox.must(['ip', 'link', 'del', device]);
      expect(await exited).toEqual([0, null]);
    }
  });

  it('says what is wrong and ends with 1, and with 2 where it is used wrongly', async () => {
    await using sandbox = await Sandbox.open();
    await sandbox.must(['ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
    expect(await sandbox.run(command('v0'))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'interface v0 exists and is no TUN device\n',
    });
    expect((await sandbox.run(command('-f', 'v0'))).code).toBe(1);
    for (const args of [[], ['a', 'b'], ['--what', 'wg0'], ['a/b']]) {
      const { code, stderr } = await sandbox.run(command(...args));
      expect(code).toBe(2);
      expect(stderr).toContain('usage:');
    }
  });

  it('refuses a second one of the same name', async () => {
    await using sandbox = await Sandbox.open();
    await sandbox.must(command('wg0'));
    const { code, stderr } = await sandbox.run(command('wg0'));
    expect([code, stderr]).toEqual([1, 'interface wg0 is in use by another process\n']);
    expect((await sandbox.run(['wg', 'show', 'wg0'])).code).toBe(0);
  });
});
