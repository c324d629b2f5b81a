import { expect, test } from 'vitest';
import { preflight } from '../machine/preflight.ts';
import type { PreflightDeps } from '../machine/preflight.ts';
import { chooseDatapath } from './choose-datapath.ts';
import { explainFailure } from './explain-failure.ts';
import { LabError } from './report.ts';

const CAPABLE: PreflightDeps = {
  platform: 'linux',
  asRoot: false,
  hasProgram: () => true,
  openDevice: () => {},
  tryMachine: async () => {},
};

test('with everything there the kernel carries packets', async () => {
  expect(await chooseDatapath(undefined, [], () => preflight(CAPABLE))).toEqual({
    datapath: 'kernel',
    asRoot: false,
  });
});

test('what is missing is named, and auto goes on in memory', async () => {
  const deps: PreflightDeps = {
    ...CAPABLE,
    hasProgram: (name) => name !== 'nft' && name !== 'ip',
    openDevice: () => {
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    },
  };
  expect(await chooseDatapath('auto', [], () => preflight(deps))).toEqual({
    datapath: 'in-memory',
    reason: 'missing: the program `ip`, the program `nft`, /dev/net/tun (ENOENT)',
    next: expect.stringContaining('install the package nftables; load the module with `modprobe tun`'),
  });
  const locked = {
    ...CAPABLE,
    openDevice: () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    },
  };
  expect(await chooseDatapath('auto', [], () => preflight(locked))).toMatchObject({
    reason: 'missing: /dev/net/tun (EACCES)',
    next: 'let this user open /dev/net/tun (most systems have it at mode 0666), or run as root',
  });
  expect(await chooseDatapath('in-memory', [], () => preflight(locked))).toEqual({
    datapath: 'in-memory',
    reason: 'FLATLAND_DATAPATH=in-memory',
  });
});

test('where the kernel is asked for, what is missing ends the start with the next action', async () => {
  const refusing = (script: string): PreflightDeps => ({
    ...CAPABLE,
    tryMachine: async (tried) => {
      if (tried.includes(script)) throw new Error('Operation not permitted');
    },
  });
  const failure = async (deps: PreflightDeps) =>
    chooseDatapath('kernel', [], () => preflight(deps)).catch((error: unknown) => error as LabError);
  expect(await failure(refusing('true'))).toMatchObject({
    message:
      'the kernel datapath needs the right to make private namespaces (Error: Operation not permitted)',
    next: expect.stringContaining('user.max_user_namespaces'),
  });
  expect(await failure(refusing('nft'))).toMatchObject({ next: expect.stringContaining('nft_masq') });
  expect(await failure({ ...CAPABLE, platform: 'darwin' })).toMatchObject({
    message: 'the kernel datapath needs a Linux kernel (this is darwin)',
  });
});

test('a root without rights makes its machine as an ordinary user does', async () => {
  const deps: PreflightDeps = {
    ...CAPABLE,
    asRoot: true,
    tryMachine: async (_script, asRoot) => {
      if (asRoot) throw new Error('Operation not permitted');
    },
  };
  expect(await chooseDatapath('kernel', [], () => preflight(deps))).toEqual({
    datapath: 'kernel',
    asRoot: false,
  });
});

test('a data directory in /run cannot be seen from inside the machine', async () => {
  expect(await chooseDatapath('auto', ['/run/user/1000/lab'], () => preflight(CAPABLE))).toMatchObject({
    datapath: 'in-memory',
    reason: 'missing: /run/user/1000/lab outside /run',
  });
});

test.each([
  [new LabError('text', 'next'), 'text', 'next'],
  [
    Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }),
    'ENOSPC: no space left on device',
    'free space',
  ],
  [new Error('database or disk is full'), 'database or disk is full', 'free space'],
  [
    Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }),
    'EACCES: permission denied',
    'writable',
  ],
  [
    new Error('store.db is in use by another process'),
    'store.db is in use by another process',
    'stop the other lab',
  ],
  ['odd', 'odd', 'log/lab.log'],
])('%s is told with its next action', (error, text, next) => {
  expect(explainFailure(error)).toEqual({ text, next: expect.stringContaining(next) });
});
