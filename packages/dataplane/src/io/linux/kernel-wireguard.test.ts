/** What is sent to the kernel for a device's life; `wg` and `ip` are recorded, since few test machines have the kernel part. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { DeviceControl } from '../../agent/wireguard/device-control.ts';
import { publicKeyOf, SecretKey, type PublicKey } from '../../core/noise/keys.ts';
import type { WireguardPeer } from '../../ports/wireguard-control.ts';
import { kernelWireguard, probeKernelWireguard } from './kernel-wireguard.ts';
import { runCommand, type CommandOutput } from './run-command.ts';
import { wgSteps } from './wg-configuration.ts';
import { parseWgDump } from './wg-dump.ts';

const RED = 'red' as DomainName;
const PRIVATE = new SecretKey(new Uint8Array(32).fill(7));
const PRIVATE_TEXT = PRIVATE.expose().toBase64();
const key = (n: number): PublicKey => publicKeyOf(new Uint8Array(32).fill(n));
const OWN = key(99);
const OK: CommandOutput = { exitCode: 0, stdout: '', stderr: '' };
const FAILED: CommandOutput = { exitCode: 1, stdout: '', stderr: 'Device "wg-red" does not exist.\n' };

/** Answers as `ip` and `wg` do of one device whose kind and dump are set by the test. */
class RecordedNode {
  readonly directory = mkdtempSync(join(tmpdir(), 'kernel-wireguard-'));
  kind: string | undefined;
  dump = '(none)\t(none)\t0\toff\n';
  sent: string[] = [];
  files: { readonly text: string; readonly mode: number }[] = [];
  args: string[] = [];

  readonly run = async (file: string, args: readonly string[]): Promise<CommandOutput> => {
    this.args.push(...args);
    const line = [file, ...args].join(' ').replace('nsenter --net=/run/netns/fl-red -- ', 'in fl-red: ');
    if (line.includes('link show'))
      return this.kind === undefined
        ? FAILED
        : { ...OK, stdout: JSON.stringify([{ mtu: 1420, linkinfo: { info_kind: this.kind } }]) };
    if (line.endsWith(' dump')) return { ...OK, stdout: this.dump };
    if (line.includes('link add')) this.kind = 'wireguard';
    if (line.includes('link del')) this.kind = undefined;
    const path = args.at(-1)!;
    if (args.includes('addconf'))
      this.files.push({ text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 });
    this.sent.push(args.includes('addconf') ? line.replace(path, 'FILE') : line);
    return OK;
  };

  take(): string[] {
    const sent = this.sent;
    this.sent = [];
    return sent;
  }
}

function peer(n: number, allowedIps: readonly string[], port?: number): WireguardPeer {
  return {
    publicKey: key(n),
    ...(port !== undefined && { initialEndpoint: { address: '192.0.2.1' as IpAddress, port } }),
    persistentKeepaliveSeconds: 0,
    allowedIps: allowedIps as Cidr[],
  };
}

function dumpOf(...peers: readonly number[]): string {
  const lines = peers.map((n) => `${key(n)}\t(none)\t192.0.2.1:51820\t10.81.${n}.0/24\t0\t0\t0\toff`);
  return [`${PRIVATE_TEXT}\t${OWN}\t51820\toff`, ...lines, ''].join('\n');
}

describe('the kernel’s WireGuard', () => {
  let node: RecordedNode;
  let control: DeviceControl;
  const request = { domain: RED, mtuBytes: 1_420, routerAddresses: [] };

  beforeEach(() => {
    node = new RecordedNode();
    const { run, directory } = node;
    control = new DeviceControl(kernelWireguard({ run, directory, listDomains: async () => [RED] }));
  });
  afterEach(() => {
    expect(readdirSync(node.directory)).toEqual([]);
    rmSync(node.directory, { recursive: true });
    expect(node.args.join(' ')).not.toContain(PRIVATE_TEXT);
  });

  it('makes a device from the node’s namespace into the domain’s, once, and lets it be listed', async () => {
    expect(await control.listDevices()).toEqual([]);
    await control.ensureDevice(request);
    await control.ensureDevice(request);
    expect(node.take()).toEqual([
      'ip link add wg-red netns fl-red type wireguard',
      'in fl-red: ip link set dev wg-red mtu 1420 up',
      'in fl-red: ip link set dev wg-red mtu 1420 up',
    ]);
    expect(await control.listDevices()).toEqual([RED]);
    await control.removeDevice(RED);
    await control.removeDevice(RED);
    expect(node.take()).toEqual(['in fl-red: ip link del dev wg-red']);
    expect(await control.read(RED)).toBeUndefined();
  });

  it('takes no device of another kind for its own', async () => {
    node.kind = 'bridge';
    await expect(control.ensureDevice(request)).rejects.toThrow('wg-red is there already');
    await control.removeDevice(RED);
    expect(await control.listDevices()).toEqual([]);
    expect(node.take()).toEqual([]);
  });

  it('takes the place of an interface that the bundled forwarder left behind', async () => {
    node.kind = 'tun';
    await control.ensureDevice(request);
    expect(node.take()).toEqual([
      'in fl-red: ip link del dev wg-red',
      'ip link add wg-red netns fl-red type wireguard',
      'in fl-red: ip link set dev wg-red mtu 1420 up',
    ]);
  });

  it('tells a new device its key, port and peers in a file that only its owner reads', async () => {
    await control.ensureDevice(request);
    node.take();
    const peers = [peer(1, ['10.81.1.0/24', 'fd00:81:1::/64'], 51_821), peer(2, [])];
    await control.configure(RED, { privateKey: PRIVATE, listenPort: 51_820, peers });
    expect(node.take()).toEqual(['in fl-red: wg addconf wg-red FILE']);
    expect(node.files).toEqual([
      {
        mode: 0o600,
        text: [
          '[Interface]',
          `PrivateKey = ${PRIVATE_TEXT}`,
          'ListenPort = 51820',
          '[Peer]',
          `PublicKey = ${key(1)}`,
          'Endpoint = 192.0.2.1:51821',
          'PersistentKeepalive = 0',
          'AllowedIPs = 10.81.1.0/24',
          'AllowedIPs = fd00:81:1::/64',
          '[Peer]',
          `PublicKey = ${key(2)}`,
          'PersistentKeepalive = 0',
          '',
        ].join('\n'),
      },
    ]);
  });

  it('tells only what changed: the peer that goes before the one that takes its prefix', async () => {
    await control.ensureDevice(request);
    const before = [peer(1, ['10.81.1.0/24']), peer(2, ['10.81.2.0/24']), peer(3, ['10.81.3.0/24'])];
    await control.configure(RED, { privateKey: PRIVATE, listenPort: 51_820, peers: before });
    node.dump = dumpOf(1, 2, 3);
    node.take();
    node.files = [];
    const after = [peer(2, ['10.81.1.0/24', '10.81.2.0/24']), peer(3, ['10.81.3.0/24'])];
    await control.configure(RED, { privateKey: PRIVATE, listenPort: 51_820, peers: after });
    expect(node.take()).toEqual([
      `in fl-red: wg set wg-red peer ${key(1)} remove`,
      'in fl-red: wg addconf wg-red FILE',
    ]);
    expect(node.files[0]?.text).toBe(
      `[Peer]\nPublicKey = ${key(2)}\nPersistentKeepalive = 0\nAllowedIPs = 10.81.1.0/24\nAllowedIPs = 10.81.2.0/24\n`,
    );
    node.dump = dumpOf(2, 3);
    await control.configure(RED, { privateKey: PRIVATE, listenPort: 51_820, peers: after });
    expect(node.take()).toEqual([]);
  });

  it('steers the endpoint of a peer that it has, and makes none by it', async () => {
    await control.ensureDevice(request);
    node.dump = dumpOf(1);
    node.take();
    const endpoint = { address: '2001:db8::1' as IpAddress, port: 51_900 };
    await control.steer(RED, key(1), endpoint);
    await control.steer(RED, key(2), endpoint);
    expect(node.take()).toEqual([`in fl-red: wg set wg-red peer ${key(1)} endpoint [2001:db8::1]:51900`]);
  });

  it('reads the device back without its secrets', async () => {
    node.kind = 'wireguard';
    node.dump = `${PRIVATE_TEXT}\t${OWN}\t51820\toff\n${key(2)}\t(none)\t(none)\t(none)\t0\t0\t0\toff\n${key(1)}\t${PRIVATE_TEXT}\t[2001:db8::1]:51821\t10.81.1.0/24,fd00::/64\t1700000000\t148\t92\t25\n`;
    const state = await control.read(RED);
    expect(state).toEqual({
      carrier: 'kernel',
      publicKey: OWN,
      listenPort: 51_820,
      drops: {},
      peers: [
        {
          publicKey: key(1),
          endpoint: { address: '2001:db8::1', port: 51_821 },
          lastHandshakeMs: 1_700_000_000_000,
          mtuBytes: 1_420,
          rxBytes: 148,
          txBytes: 92,
          drops: {},
        },
        { publicKey: key(2), mtuBytes: 1_420, rxBytes: 0, txBytes: 0, drops: {} },
      ],
    });
    expect(JSON.stringify(state)).not.toContain(PRIVATE_TEXT);
    expect(parseWgDump('Unable to access interface', 1_420)).toBeUndefined();
  });

  it('tells the mark of outer datagrams and a preshared key, too', () => {
    const peers = [{ publicKey: key(1), presharedKey: PRIVATE, replaceAllowedIps: true, allowedIps: [] }];
    expect(wgSteps({ fwmark: 51_820, peers }, new Set())).toEqual([
      {
        kind: 'addconf',
        text: `[Interface]\nFwMark = 51820\n[Peer]\nPublicKey = ${key(1)}\nPresharedKey = ${PRIVATE_TEXT}\n`,
      },
    ]);
  });

  it('is not there where the kernel makes no such device, and says what the kernel said', async () => {
    const none = async () => ({ exitCode: 2, stdout: '', stderr: 'Error: Unknown device type.\n' });
    expect(await probeKernelWireguard(none)).toEqual({
      ok: false,
      error: 'the kernel makes no WireGuard device: Error: Unknown device type.',
    });
    expect(await probeKernelWireguard(async () => OK)).toEqual({ ok: true, value: true });
  });

  it('leaves nothing behind when this machine is probed', async () => {
    const links = () => runCommand('ip', ['-o', 'link', 'show', 'wg-probe']);
    await probeKernelWireguard(runCommand);
    expect((await links()).exitCode).not.toBe(0);
  });
});
