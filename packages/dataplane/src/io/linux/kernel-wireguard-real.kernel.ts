/**
 * The real `wg`: against the kernel's device where the kernel has it, and else against the bundled forwarder's, which
 * speaks the same configuration protocol.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { until } from '../../../test/support/sandbox.ts';
import { inNamespace, pingFrom } from '../../../test/machine/pod-commands.ts';
import { DeviceControl } from '../../agent/wireguard/device-control.ts';
import { forwarderBackend } from '../../agent/wireguard/forwarder-backend.ts';
import { publicKeyOf, SecretKey } from '../../core/noise/keys.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';
import type { WireguardConfiguration } from '../../ports/wireguard-control.ts';
import { ForwarderClient } from '../../wireguard/forwarder-client.ts';
import { nodeWireguardCrypto } from '../node/wireguard-crypto.ts';
import { kernelWireguard, probeKernelWireguard } from './kernel-wireguard.ts';
import { createRouterNamespace, listRouterNamespaces } from './router-namespace.ts';
import { runCommand } from './run-command.ts';

const SOCKET = '/run/flatland/forwarder.sock';
const [RED, BLUE] = ['red', 'blue'] as [DomainName, DomainName];

const probed = await probeKernelWireguard(runCommand);
const lack = probed.ok ? '' : ` (skipped: ${probed.error})`;
if (!probed.ok) process.stderr.write(`\nSKIPPED the kernel’s own WireGuard device: ${probed.error}\n`);

function keysOf(n: number) {
  const secret = new Uint8Array(32).fill(n);
  return { privateKey: new SecretKey(secret), publicKey: publicKeyOf(nodeWireguardCrypto.publicKey(secret)) };
}

const PORTS = { red: 51_820, blue: 51_821 };
const KEYS = { red: keysOf(8), blue: keysOf(16), other: keysOf(24) };

function configuration(self: 'red' | 'blue', prefixes: readonly string[]): WireguardConfiguration {
  const other = self === 'red' ? 'blue' : 'red';
  return {
    privateKey: KEYS[self].privateKey,
    listenPort: PORTS[self],
    peers: [
      {
        publicKey: KEYS[other].publicKey,
        initialEndpoint: { address: '127.0.0.1' as IpAddress, port: PORTS[other] },
        persistentKeepaliveSeconds: 25,
        allowedIps: prefixes as Cidr[],
      },
    ],
  };
}

describe.skipIf(!probed.ok)(`a device of the kernel’s WireGuard${lack}`, () => {
  it('carries packets between domains’ namespaces, its socket being in the node’s', async () => {
    const control = new DeviceControl(
      kernelWireguard({ run: runCommand, listDomains: listRouterNamespaces }),
    );
    for (const [domain, n] of [
      [RED, 1],
      [BLUE, 2],
    ] as const) {
      await createRouterNamespace(domain);
      await control.ensureDevice({ domain, mtuBytes: 1_420, routerAddresses: [] });
      await control.configure(domain, configuration(domain as 'red' | 'blue', [`10.9.0.${3 - n}/32`]));
      await inNamespace(`fl-${domain}`, ['ip', 'addr', 'add', `10.9.0.${n}/24`, 'dev', `wg-${domain}`]);
    }
    expect(await control.listDevices()).toEqual([BLUE, RED]);
    expect(await pingFrom('fl-red', '10.9.0.2', {})).toBe('echoed');
    const state = await control.read(RED);
    expect(state?.publicKey).toBe(KEYS.red.publicKey);
    expect(state?.peers[0]?.lastHandshakeMs).toBeGreaterThan(0);
    for (const domain of [RED, BLUE]) await control.removeDevice(domain);
    expect(await control.listDevices()).toEqual([]);
    for (const domain of [RED, BLUE]) await runCommand('ip', ['netns', 'del', `fl-${domain}`]);
  });
});

describe('what the kernel’s WireGuard is told, told to the bundled forwarder by the real wg', () => {
  let forwarder: ChildProcess;
  let bundled: WireguardBackend;
  let control: DeviceControl;

  beforeAll(async () => {
    mkdirSync('/run/flatland', { recursive: true });
    const main = new URL('../../wireguard/forwarder-main.ts', import.meta.url).pathname;
    const env = { ...process.env, FLATLAND_FORWARDER: 'portable' };
    forwarder = spawn(process.execPath, [main, '--control', SOCKET, '--uapi-directory', '/run/wireguard'], {
      stdio: 'ignore',
      env,
    });
    const client = new ForwarderClient(SOCKET);
    await until('the forwarder answers', async () => (await client.health()).ok);
    bundled = forwarderBackend(client);
    await createRouterNamespace(RED);
    await bundled.ensure({ domain: RED, mtuBytes: 1_420, routerAddresses: [] });
    const asKernel: typeof runCommand = async (file, args, options) => {
      const output = await runCommand(file, args, options);
      const isLink = args.includes('link') && args.includes('show');
      return isLink
        ? { ...output, stdout: output.stdout.replace('"info_kind":"tun"', '"info_kind":"wireguard"') }
        : output;
    };
    control = new DeviceControl(kernelWireguard({ run: asKernel, listDomains: listRouterNamespaces }));
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => forwarder.once('exit', resolve));
    forwarder.kill('SIGTERM');
    await gone;
  });

  it('makes the device what it shall be, through a device’s whole life', async () => {
    const read = async () => {
      const [told, shown] = [await control.read(RED), (await bundled.report(RED))!];
      expect(told?.publicKey).toBe(shown.publicKey);
      expect(told?.listenPort).toBe(shown.listenPort);
      return told;
    };
    const allowed = async () => (await inNamespace('fl-red', ['wg', 'show', 'wg-red', 'allowed-ips'])).trim();
    const peer = KEYS.blue.publicKey;
    const first = configuration('red', ['10.9.0.0/24', 'fd00:9::/64']);

    await control.configure(RED, first);
    expect(await read()).toMatchObject({
      publicKey: KEYS.red.publicKey,
      listenPort: PORTS.red,
      peers: [{ publicKey: peer, endpoint: { address: '127.0.0.1', port: PORTS.blue } }],
    });
    expect(await allowed()).toBe(`${peer}\t10.9.0.0/24 fd00:9::/64`);

    await control.steer(RED, peer, { address: '::1' as IpAddress, port: 51_900 });
    await control.steer(RED, KEYS.other.publicKey, { address: '::1' as IpAddress, port: 51_901 });
    expect((await read())?.peers).toMatchObject([
      { publicKey: peer, endpoint: { address: '::1', port: 51_900 } },
    ]);

    const moved = { publicKey: KEYS.other.publicKey, persistentKeepaliveSeconds: 0 };
    const kept = { ...first.peers[0]!, allowedIps: ['fd00:9::/64'] as Cidr[] };
    await control.configure(RED, {
      ...first,
      peers: [kept, { ...moved, allowedIps: ['10.9.0.0/24'] as Cidr[] }],
    });
    expect((await allowed()).split('\n').toSorted()).toEqual(
      [`${peer}\tfd00:9::/64`, `${KEYS.other.publicKey}\t10.9.0.0/24`].toSorted(),
    );
    expect((await read())?.peers.find((one) => one.publicKey === peer)?.endpoint?.port).toBe(51_900);

    await control.configure(RED, { ...first, peers: [] });
    expect((await read())?.peers).toEqual([]);
  });
});
