import { expect, it } from 'vitest';
import type { DomainName } from '@flatland/shared/model/names';
import { err, ok, type Result } from '@flatland/shared/result';
import { SILENT_LOG, type LogPort } from '../../ports/log.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';
import { chooseBackend, type ForwarderChoice } from './choose-backend.ts';

const NO_DEVICE = 'the kernel makes no WireGuard device: Unknown device type';

async function choose(choice: ForwarderChoice, has: Result<true, string>) {
  const lines: string[] = [];
  const removed: string[] = [];
  const backend = (name: string): WireguardBackend => ({
    ensure: async () => {},
    remove: async (domain) => void removed.push(`${name} ${domain}`),
    list: async () => ['red' as DomainName],
    change: async () => {},
    report: async () => undefined,
    onRestart: () => () => {},
  });
  const log: LogPort = {
    ...SILENT_LOG,
    info: (fields, message) => void lines.push(`${message}: ${fields['reason']}`),
  };
  const [kernel, bundled] = [backend('kernel'), backend('bundled')];
  let nProbes = 0;
  const probe = async () => {
    nProbes++;
    return has;
  };
  const chosen = await chooseBackend(choice, { kernel, bundled, probe, log });
  const name = !chosen.ok ? chosen.error : chosen.value === kernel ? 'kernel' : 'bundled';
  return { name, lines, removed, nProbes };
}

it('takes the kernel’s WireGuard where the node has it, and the devices from the bundled forwarder', async () => {
  expect(await choose('auto', ok(true))).toEqual({
    name: 'kernel',
    lines: ['the kernel’s WireGuard carries tunnels: the node has it'],
    removed: ['bundled red'],
    nProbes: 1,
  });
});

it('falls to the bundled forwarder where the kernel has none, and the log says why', async () => {
  expect(await choose('auto', err(NO_DEVICE))).toEqual({
    name: 'bundled',
    lines: [`the bundled forwarder carries tunnels: ${NO_DEVICE}`],
    removed: ['kernel red'],
    nProbes: 1,
  });
});

it.each(['native', 'portable'] as const)(
  'takes the bundled forwarder when %s is forced, unasked',
  async (choice) => {
    expect(await choose(choice, ok(true))).toMatchObject({
      name: 'bundled',
      lines: [`the bundled forwarder carries tunnels: FLATLAND_FORWARDER=${choice}`],
      nProbes: 0,
    });
  },
);

it('refuses to start when the kernel is forced and has none', async () => {
  expect(await choose('kernel', err(NO_DEVICE))).toMatchObject({
    name: `FLATLAND_FORWARDER=kernel: ${NO_DEVICE}`,
    removed: [],
  });
});
