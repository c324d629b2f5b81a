/** Our devices and other implementations: Debian's wireguard-go and `wg`, in network namespaces of the test's own. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { publicKeyOf, clampPrivateKey, type SecretKey } from '../../src/core/noise/keys.ts';
import type { DeviceReport } from '../../src/core/device/snapshot.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';
import { PACKET_PATHS } from '../support/packet-paths.ts';
import {
  address,
  joinTwoNamespaces,
  pings,
  startForwarder,
  transfersIntact,
  wg,
  type Forwarder,
} from '../support/underlay.ts';

const PSK = Buffer.alloc(32, 7).toString('base64');
/** Over both paths, for each of these tunnels, in both directions: 96 MB together, or 10 GB. */
const TRANSFERS = [
  { outer: 4, psk: false, initiator: 'we', inner: 4 },
  { outer: 4, psk: true, initiator: 'they', inner: 6 },
  { outer: 6, psk: true, initiator: 'we', inner: 4 },
  { outer: 6, psk: false, initiator: 'they', inner: 6 },
] as const;
const TRANSFER_BYTES = scaled(96_000_000, 10_000_000_000) / (2 * 2 * TRANSFERS.length);

interface Party {
  readonly netns: 'n1' | 'n2';
  readonly device: string;
  readonly n: 1 | 2;
  readonly privateKey: SecretKey;
  readonly publicKey: string;
}

interface TunnelOptions {
  readonly outer?: 4 | 6;
  readonly psk?: boolean;
  readonly ourEndpointKnown?: boolean;
  readonly theirEndpointKnown?: boolean;
}

const problem = sandboxProblem('wg', 'wireguard-go', 'ping');

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS, hookTimeout: 60_000 });

for (const { path, pathProblem } of PACKET_PATHS) {
  const suite = `D-06: our device, ${path}, and wireguard-go`;
  describe.skipIf(skips(suite, problem ?? pathProblem))(suite, () => {
    let sandbox: Sandbox;
    let forwarder: Forwarder;
    let nDevices = 0;

    beforeAll(async () => {
      sandbox = await Sandbox.open();
      await joinTwoNamespaces(sandbox);
      forwarder = await startForwarder(sandbox, 'n1', { FLATLAND_FORWARDER: path });
    });
    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]();
    });

    /** A device of ours in n1 and one of wireguard-go in n2, with addresses, keys and each other as peers. */
    async function tunnel(options: TunnelOptions = {}) {
      const { outer = 4, psk = false, ourEndpointKnown = true, theirEndpointKnown = true } = options;
      const id = nDevices++;
      const [ours, theirs] = [party('n1', `our${id}`, 1), party('n2', `their${id}`, 2)];
      const made = await forwarder.client.ensureDevice({ name: ours.device, mtuBytes: 1_420 });
      if (!made.ok) throw new Error(made.error.message);
      await sandbox.must(['wireguard-go', theirs.device], { netns: 'n2' });
      const port = (n: number) => 10_000 + id * 10 + n;
      for (const [self, peer, isKnown] of [
        [ours, theirs, theirEndpointKnown],
        [theirs, ours, ourEndpointKnown],
      ] as const) {
        const host = outer === 4 ? `192.168.9.${peer.n}` : `[fd09::${peer.n}]`;
        const endpoint = isKnown ? ` endpoint ${host}:${port(peer.n)}` : '';
        const allowedIps = `allowed-ips 10.9.0.${peer.n}/32,fd10::${peer.n}/128`;
        const own = `listen-port ${port(self.n)} private-key /dev/stdin`;
        await wg(sandbox, self.netns, `set ${self.device} ${own}`, base64(self.privateKey));
        const about = `peer ${peer.publicKey} ${allowedIps}${endpoint}${psk ? ' preshared-key /dev/stdin' : ''}`;
        await wg(sandbox, self.netns, `set ${self.device} ${about}`, PSK);
        await address(sandbox, self.netns, self.device, self.n);
      }
      await until('our device is up', async () => (await reportOf(ours)).isUp);
      const dispose = async () => {
        await forwarder.client.removeDevice(ours.device);
        await sandbox.run(['ip', '-n', 'n2', 'link', 'del', theirs.device]);
      };
      return { ours, theirs, [Symbol.asyncDispose]: dispose };
    }

    /** Gives a namespace another underlay address until disposed. */
    async function moved(n: 1 | 2, to: number): Promise<AsyncDisposable> {
      const change = (from: number, target: number) =>
        sandbox.ip(
          `-n n${n} addr del 192.168.9.${from}/24 dev v${n}\n-n n${n} addr add 192.168.9.${target}/24 dev v${n}`,
        );
      await change(n, to);
      return { [Symbol.asyncDispose]: () => change(to, n) };
    }

    for (const outer of [4, 6] as const)
      for (const psk of [false, true])
        for (const initiator of ['we', 'they'] as const)
          it(`talk over IPv${outer}, ${psk ? 'with' : 'without'} a preshared key, when ${initiator} begin`, async () => {
            const weBegin = initiator === 'we';
            await using pair = await tunnel({
              outer,
              psk,
              theirEndpointKnown: weBegin,
              ourEndpointKnown: !weBegin,
            });
            const [from, to] = weBegin ? (['n1', 2] as const) : (['n2', 1] as const);
            // The first may get lost while the other side still opens its socket.
            await until('they talk', () => pings(sandbox, from, `10.9.0.${to}`, 1));
            expect(await pings(sandbox, from, `10.9.0.${to}`)).toBe(true);
            expect(await pings(sandbox, from, `fd10::${to}`)).toBe(true);
            const { counters, drops } = (await reportOf(pair.ours)).peers[0]!;
            expect([counters.initiationsSent > 0, counters.initiationsReceived > 0]).toEqual([
              weBegin,
              !weBegin,
            ]);
            expect(drops).toEqual({});
          });

    for (const { outer, psk, initiator, inner } of TRANSFERS)
      it(`carry ${TRANSFER_BYTES} bytes each way over TCP with the same sha256, over IPv${outer}, ${psk ? 'with' : 'without'} a preshared key, when ${initiator} begin`, async () => {
        const weBegin = initiator === 'we';
        await using _ = await tunnel({
          outer,
          psk,
          theirEndpointKnown: weBegin,
          ourEndpointKnown: !weBegin,
        });
        const prefix = inner === 4 ? '10.9.0.' : 'fd10::';
        const ways = [
          { from: 'n1', to: 'n2', address: `${prefix}2`, nBytes: TRANSFER_BYTES },
          { from: 'n2', to: 'n1', address: `${prefix}1`, nBytes: TRANSFER_BYTES },
        ];
        if (!weBegin) ways.reverse();
        for (const way of ways) expect(await transfersIntact(sandbox, way)).toBe(true);
      });

    it('carry packets of the MTU exactly, and fragments of longer ones', async () => {
      await using _ = await tunnel();
      const ping = async (bytes: number, ...flags: string[]) =>
        (
          await sandbox.run(['ping', '-c', '1', '-W', '5', ...flags, '-s', String(bytes - 28), '10.9.0.2'], {
            netns: 'n1',
          })
        ).code;
      for (const bytes of [1_405, 1_419, 1_420, 3_000]) expect(await ping(bytes), `${bytes}`).toBe(0);
      expect(await ping(1_420, '-M', 'do')).toBe(0);
      expect(await ping(1_421, '-M', 'do')).not.toBe(0);
    });

    it('show in `wg show` what is true', async () => {
      await using pair = await tunnel({ psk: true });
      const { ours, theirs } = pair;
      await pings(sandbox, 'n1', '10.9.0.2');
      for (const [self, peer] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        const text = await wg(sandbox, self.netns, `show ${self.device}`);
        expect(text).toContain(`public key: ${self.publicKey}`);
        expect(text).toContain('private key: (hidden)');
        expect(text).toContain(`peer: ${peer.publicKey}`);
        expect(text).toContain('preshared key: (hidden)');
        expect(text).toContain(`endpoint: 192.168.9.${peer.n}:`);
        expect(text).toContain(`allowed ips: 10.9.0.${peer.n}/32, fd10::${peer.n}/128`);
        expect(text).toMatch(/latest handshake: (Now|\d+ seconds? ago)/);
      }
      const transfer = async ({ netns, device }: Party) => {
        const [, rx, tx] = (await wg(sandbox, netns, `show ${device} transfer`)).trim().split('\t');
        return { rx, tx };
      };
      const [a, b] = [await transfer(ours), await transfer(theirs)];
      expect(a).toEqual({ rx: b.tx, tx: b.rx });
    });

    it('keep talking when one of them moves to another address', async () => {
      await using pair = await tunnel();
      const { ours, theirs } = pair;
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      await using _ = await moved(2, 20);
      // wireguard-go sticks to its old source address for 15 s, unless its peer is configured anew.
      const endpoint = `192.168.9.1:${await portOf(ours)}`;
      await wg(sandbox, 'n2', `set ${theirs.device} peer ${ours.publicKey} endpoint ${endpoint}`);
      expect(await pings(sandbox, 'n2', '10.9.0.1')).toBe(true);
      expect(await wg(sandbox, 'n1', `show ${ours.device} endpoints`)).toContain('192.168.9.20:');
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      await using __ = await moved(1, 10);
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      expect(await wg(sandbox, 'n2', `show ${theirs.device} endpoints`)).toContain('192.168.9.10:');
    });

    it('make new sessions when a private key changes, on either side', async () => {
      await using pair = await tunnel();
      const { ours, theirs } = pair;
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      for (const [self, peer, target] of [
        [ours, theirs, '10.9.0.2'],
        [theirs, ours, '10.9.0.1'],
      ] as const) {
        const key = clampPrivateKey(systemRandom(32));
        const about = `allowed-ips 10.9.0.${self.n}/32 endpoint 192.168.9.${self.n}:${await portOf(self)}`;
        await wg(sandbox, peer.netns, `set ${peer.device} peer ${publicKeyText(key)} ${about}`);
        await wg(sandbox, self.netns, `set ${self.device} private-key /dev/stdin`, base64(key));
        expect(await pings(sandbox, self.netns, target)).toBe(true);
      }
    });

    it('begin anew when wireguard-go was restarted', async () => {
      await using pair = await tunnel();
      const { theirs } = pair;
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      const saved = await wg(sandbox, 'n2', `showconf ${theirs.device}`);
      await sandbox.ip(`-n n2 link del ${theirs.device}`);
      const isGone = async () =>
        !(await wg(sandbox, 'n2', 'show interfaces')).split(/\s/).includes(theirs.device);
      await until('it is gone', isGone);
      await sandbox.must(['wireguard-go', theirs.device], { netns: 'n2' });
      await wg(sandbox, 'n2', `setconf ${theirs.device} /dev/stdin`, saved);
      await address(sandbox, 'n2', theirs.device, 2);
      expect(await pings(sandbox, 'n2', '10.9.0.1')).toBe(true);
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    });

    it.skipIf(process.env['FLATLAND_LONG'] === undefined)(
      'renew their session after 120 s without losing a packet',
      { timeout: 200_000 },
      async () => {
        await using pair = await tunnel();
        const ping = ['ping', '-q', '-i', '0.2', '-c', '650', '-W', '5', '10.9.0.2'];
        expect(await sandbox.must(ping, { netns: 'n1' })).toContain(' 0% packet loss');
        expect((await reportOf(pair.ours)).peers[0]!.counters.initiationsSent).toBe(2);
      },
    );

    it('log no key, and no address above debug', async () => {
      expect(forwarder.log()).toContain('device made');
      expect(forwarder.log()).not.toMatch(/192\.168|[A-Za-z0-9+/]{43}=|[0-9a-f]{64}/);
    });

    async function reportOf({ device }: Party): Promise<DeviceReport> {
      const described = await forwarder.client.device(device);
      if (!described.ok) throw new Error(described.error.message);
      return described.value.report;
    }

    async function portOf(self: Party): Promise<string> {
      return (await wg(sandbox, self.netns, `show ${self.device} listen-port`)).trim();
    }
  });
}

function party(netns: Party['netns'], device: string, n: Party['n']): Party {
  const privateKey = clampPrivateKey(systemRandom(32));
  return { netns, device, n, privateKey, publicKey: publicKeyText(privateKey) };
}

function publicKeyText(privateKey: SecretKey): string {
  return publicKeyOf(nodeWireguardCrypto.publicKey(privateKey.expose()));
}

function base64(key: SecretKey): string {
  return Buffer.from(key.expose()).toString('base64');
}
