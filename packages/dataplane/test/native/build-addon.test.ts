/** Building the addon, and doing without it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildAddon, removeStaleAddons } from '../../src/native/build-addon.ts';
import { withBuildLock } from '../../src/native/build-lock.ts';
import { deviceOpener } from '../../src/wireguard/open-device.ts';
import { nativeProblem } from '../support/packet-paths.ts';
import { skips } from '../support/sandbox.ts';

const MODULE = fileURLToPath(new URL('../../src/native/build-addon.ts', import.meta.url));

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatland-build-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(skips('building the native path', nativeProblem))('building the native path', () => {
  it('says that there is no compiler, and what a compiler said', () => {
    expect(buildAddon({ directory, compiler: 'no-such-compiler' })).toEqual({
      ok: false,
      error: 'there is no C compiler (cc)',
    });
    const failed = buildAddon({ directory, compiler: 'false' });
    expect(failed).toMatchObject({ ok: false, error: expect.stringMatching(/^the C compiler failed/) });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says that the directory cannot be written', () => {
    writeFileSync(join(directory, 'file'), '');
    const built = buildAddon({ directory: join(directory, 'file', 'build') });
    expect(built).toMatchObject({ ok: false, error: expect.stringMatching(/^cannot build the native path/) });
  });

  it('builds once, whoever asks at the same time, and removes what earlier sources made', async () => {
    writeFileSync(join(directory, 'native-0123456789abcdef.node'), '');
    const script = `import(${JSON.stringify(MODULE)}).then(({ buildAddon }) => {
      const start = Date.now();
      const built = buildAddon({ directory: ${JSON.stringify(directory)} });
      console.log(built.ok ? built.value : built.error);
    })`;
    const outputs = await Promise.all([1, 2, 3].map(() => outputOf(script)));
    expect(new Set(outputs).size).toBe(1);
    removeStaleAddons(directory);
    expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([outputs[0]]);
  }, 120_000);
});

describe('the lock of a build', () => {
  it('lets go after the work, also when it failed, and does not wait for one that was left behind', () => {
    const path = join(directory, 'lock');
    expect(withBuildLock(path, 1_000, () => readdirSync(directory))).toEqual(['lock']);
    expect(() =>
      withBuildLock(path, 1_000, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(readdirSync(directory)).toEqual([]);
    mkdirSync(path);
    utimesSync(path, 0, 0);
    expect(withBuildLock(path, 1_000, () => 'done')).toBe('done');
  });
});

describe('the path of packets', () => {
  it('is portable where that is wanted, and says why', () => {
    const opener = deviceOpener({ FLATLAND_FORWARDER: 'portable' });
    expect(opener).toMatchObject({
      ok: true,
      value: { packetPath: { kind: 'portable', reason: 'FLATLAND_FORWARDER=portable' } },
    });
  });

  it('is refused where the environment names something unknown', () => {
    expect(deviceOpener({ FLATLAND_FORWARDER: 'fast' }).ok).toBe(false);
    expect(deviceOpener({ FLATLAND_WIREGUARD_OFFLOADS: 'no-tso,no-such' })).toEqual({
      ok: false,
      error: 'FLATLAND_WIREGUARD_OFFLOADS knows no-tso, no-uso, no-udp-gso, no-udp-gro, not "no-such"',
    });
  });
});

function outputOf(script: string): Promise<string> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(output.trim())));
}
