/** Our devices and other implementations: Debian's wireguard-go and `wg`, in network namespaces of the test's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicKeyOf, clampPrivateKey, type SecretKey } from '../../src/core/noise/keys.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';
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
const TRANSFER_BYTES = 8 * 1024 * 1024;

interface Party {
  readonly netns: 'n1' | 'n2';
  readonly device: string;
  readonly n: 1 | 2;
  readonly privateKey: SecretKey;
  readonly publicKey: string;
}

const problem = sandboxProblem('wg', 'wireguard-go', 'ping');

describe.skipIf(skips('interoperation with wireguard-go', problem))('our device and wireguard-go', () => {
  let sandbox: Sandbox;
  let forwarder: Forwarder;
  let nDevices = 0;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    await joinTwoNamespaces(sandbox);
    forwarder = await startForwarder(sandbox, 'n1');
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** A device of ours in n1 and one of wireguard-go in n2, with addresses, keys and each other as peers. */
  async function tunnel(
    options: { outer?: 4 | 6; psk?: boolean; aKnowsEndpoint?: boolean; bKnowsEndpoint?: boolean } = {},
  ) {
    const { outer = 4, psk = false, aKnowsEndpoint = true, bKnowsEndpoint = true } = options;
    const id = nDevices++;
    const [ours, theirs] = [party('n1', `our${id}`, 1), party('n2', `their${id}`, 2)];
    const made = await forwarder.client.ensureDevice({ name: ours.device, mtuBytes: 1_420 });
    if (!made.ok) throw new Error(made.error.message);
    await sandbox.must(['wireguard-go', theirs.device], { netns: 'n2' });
    const port = (n: number) => 10_000 + id * 10 + n;
    for (const [self, peer, knows] of [
      [ours, theirs, aKnowsEndpoint],
      [theirs, ours, bKnowsEndpoint],
    ] as const) {
      const host = outer === 4 ? `192.168.9.${peer.n}` : `[fd09::${peer.n}]`;
      await wg(
        sandbox,
        self.netns,
        `set ${self.device} listen-port ${port(self.n)} private-key /dev/stdin`,
        base64(self.privateKey),
      );
      await wg(
        sandbox,
        self.netns,
        `set ${self.device} peer ${peer.publicKey} allowed-ips 10.9.0.${peer.n}/32,fd10::${peer.n}/128` +
          (knows ? ` endpoint ${host}:${port(peer.n)}` : '') +
          (psk ? ' preshared-key /dev/stdin' : ''),
        PSK,
      );
      await address(sandbox, self.netns, self.device, self.n);
    }
    await until('our device is up', async () => {
      const report = await forwarder.client.device(ours.device);
      return report.ok && report.value.report.isUp;
    });
    const remove = async () => {
      await forwarder.client.removeDevice(ours.device);
      await sandbox.ip(`-n n2 link del ${theirs.device}`);
    };
    return { ours, theirs, remove };
  }

  for (const outer of [4, 6] as const)
    for (const psk of [false, true])
      for (const initiator of ['we', 'they'] as const)
        it(`talk over IPv${outer}, ${psk ? 'with' : 'without'} a preshared key, when ${initiator} begin`, async () => {
          const weBegin = initiator === 'we';
          const { ours, remove } = await tunnel({
            outer,
            psk,
            aKnowsEndpoint: weBegin,
            bKnowsEndpoint: !weBegin,
          });
          const [from, to] = weBegin ? (['n1', 2] as const) : (['n2', 1] as const);
          expect(await pings(sandbox, from, `10.9.0.${to}`)).toBe(true);
          expect(await pings(sandbox, from, `fd10::${to}`)).toBe(true);
          const report = await forwarder.client.device(ours.device);
          const counters = report.ok ? report.value.report.peers[0]!.counters : undefined;
          expect([counters?.initiationsSent, counters?.initiationsReceived]).toEqual(
            weBegin ? [1, 0] : [0, 1],
          );
          expect(report.ok && report.value.report.peers[0]!.drops).toEqual({});
          await remove();
        });

  it('carry bytes over TCP without changing one, in both directions', async () => {
    const { remove } = await tunnel();
    const nBytes = TRANSFER_BYTES;
    expect(await transfersIntact(sandbox, { from: 'n1', to: 'n2', address: '10.9.0.2', nBytes })).toBe(true);
    expect(await transfersIntact(sandbox, { from: 'n2', to: 'n1', address: '10.9.0.1', nBytes })).toBe(true);
    expect(
      await transfersIntact(sandbox, { from: 'n1', to: 'n2', address: 'fd10::2', nBytes: 1_000_000 }),
    ).toBe(true);
    await remove();
  });

  it('carry packets of the MTU exactly, and fragments of longer ones', async () => {
    const { remove } = await tunnel();
    for (const size of [1_420 - 28, 1_420 - 29, 1_405 - 28, 3_000])
      expect(
        (await sandbox.run(['ping', '-c', '1', '-W', '5', '-s', String(size), '10.9.0.2'], { netns: 'n1' }))
          .code,
        `${size}`,
      ).toBe(0);
    expect(
      (
        await sandbox.run(['ping', '-c', '1', '-W', '5', '-M', 'do', '-s', String(1_420 - 28), '10.9.0.2'], {
          netns: 'n1',
        })
      ).code,
    ).toBe(0);
    await remove();
  });

  it('show in `wg show` what is true', async () => {
    const { ours, theirs, remove } = await tunnel({ psk: true });
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
    const [[, rx, tx]] = lines(await wg(sandbox, 'n1', `show ${ours.device} transfer`)) as [string[]];
    const [[, theirRx, theirTx]] = lines(await wg(sandbox, 'n2', `show ${theirs.device} transfer`)) as [
      string[],
    ];
    expect([rx, tx]).toEqual([theirTx, theirRx]);
    await remove();
  });

  it('keep talking when one of them moves to another address', async () => {
    const { ours, theirs, remove } = await tunnel();
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    await sandbox.ip('-n n2 addr del 192.168.9.2/24 dev v2\n-n n2 addr add 192.168.9.20/24 dev v2');
    expect(await pings(sandbox, 'n2', '10.9.0.1')).toBe(true);
    expect(await wg(sandbox, 'n1', `show ${ours.device} endpoints`)).toContain('192.168.9.20:');
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    await sandbox.ip('-n n1 addr del 192.168.9.1/24 dev v1\n-n n1 addr add 192.168.9.10/24 dev v1');
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    expect(await wg(sandbox, 'n2', `show ${theirs.device} endpoints`)).toContain('192.168.9.10:');
    await sandbox.ip('-n n1 addr del 192.168.9.10/24 dev v1\n-n n1 addr add 192.168.9.1/24 dev v1');
    await sandbox.ip('-n n2 addr del 192.168.9.20/24 dev v2\n-n n2 addr add 192.168.9.2/24 dev v2');
    await remove();
  });

  it('make new sessions when a private key changes, on either side', async () => {
    const { ours, theirs, remove } = await tunnel();
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    for (const [self, peer, ping] of [
      [ours, theirs, '10.9.0.2'],
      [theirs, ours, '10.9.0.1'],
    ] as const) {
      const key = clampPrivateKey(systemRandom(32));
      await wg(
        sandbox,
        peer.netns,
        `set ${peer.device} peer ${publicKeyText(key)} allowed-ips 10.9.0.${self.n}/32 endpoint 192.168.9.${self.n}:${await portOf(self)}`,
      );
      await wg(sandbox, self.netns, `set ${self.device} private-key /dev/stdin`, base64(key));
      expect(await pings(sandbox, self.netns, ping)).toBe(true);
    }
    await remove();
  });

  it('begin anew when wireguard-go was restarted', async () => {
    const { ours, theirs, remove } = await tunnel();
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    const saved = await wg(sandbox, 'n2', `showconf ${theirs.device}`);
    await sandbox.ip(`-n n2 link del ${theirs.device}`);
    await until(
      'it is gone',
      async () => !(await wg(sandbox, 'n2', 'show interfaces')).includes(theirs.device),
    );
    await sandbox.must(['wireguard-go', theirs.device], { netns: 'n2' });
    await wg(sandbox, 'n2', `setconf ${theirs.device} /dev/stdin`, saved);
    await address(sandbox, 'n2', theirs.device, 2);
    expect(await pings(sandbox, 'n2', '10.9.0.1')).toBe(true);
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    expect(ours.device).toBeDefined();
    await remove();
  });

  it.skipIf(process.env['FLATLAND_LONG'] === undefined)(
    'renew their session after 120 s without losing a packet',
    { timeout: 200_000 },
    async () => {
      const { ours, remove } = await tunnel();
      const result = await sandbox.must(['ping', '-i', '0.2', '-c', '650', '-W', '5', '10.9.0.2'], {
        netns: 'n1',
      });
      expect(result).toContain(' 0% packet loss');
      const report = await forwarder.client.device(ours.device);
      expect(report.ok && report.value.report.peers[0]!.counters.initiationsSent).toBe(2);
      await remove();
    },
  );

  it('log no key and no address above debug', async () => {
    expect(forwarder.log()).not.toMatch(/192\.168|private|[A-Za-z0-9+/]{43}=/);
  });

  async function portOf(self: Party): Promise<string> {
    return (await wg(sandbox, self.netns, `show ${self.device} listen-port`)).trim();
  }
});

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

function lines(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
}
