/** What only the native path does, or does by itself: offloads, ECN, path MTU, timers that its threads make due. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import { clampPrivateKey, publicKeyOf, SecretKey } from '../../src/core/noise/keys.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { namespaceSocket } from '../support/namespace-socket.ts';
import { nativeProblem } from '../support/packet-paths.ts';
import { Sandbox, sandboxProblem, skips, until } from '../support/sandbox.ts';
import {
  address,
  joinTwoNamespaces,
  pings,
  startForwarder,
  transfersIntact,
  transfersIntactBothWays,
  type Forwarder,
} from '../support/underlay.ts';
import { allowedIp } from '../wireguard/world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const TRANSFER_BYTES = 4 * 1024 * 1024;
const keys = [1, 2].map(() => clampPrivateKey(systemRandom(32)));
const publicKeys = keys.map((key) => publicKeyOf(nodeWireguardCrypto.publicKey(key.expose())));

const problem = sandboxProblem('ping', 'nft') ?? nativeProblem;

describe.skipIf(skips('the native path', problem))('the native path', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await joinTwoNamespaces(sandbox);
  });
  afterEach(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** A device `wgN` in `nN`, with the other one as its peer. */
  async function device(n: 1 | 2, env: NodeJS.ProcessEnv = {}): Promise<Forwarder> {
    const forwarder = await startForwarder(sandbox, `n${n}`, env);
    const other = 3 - n;
    const routerAddresses = [`10.9.0.${n}` as IpAddress, `fd10::${n}` as IpAddress];
    const made = await forwarder.client.ensureDevice({
      name: `wg${n}`,
      mtuBytes: 1_420,
      routerAddresses,
    });
    if (!made.ok) throw new Error(made.error.message);
    const configured = await forwarder.client.configure(`wg${n}`, {
      privateKey: new SecretKey(new Uint8Array(keys[n - 1]!.expose())),
      listenPort: 5_000 + n,
      peers: [
        {
          publicKey: publicKeys[other - 1]!,
          endpoint: udpEndpoint(`192.168.9.${other}` as IpAddress, 5_000 + other),
          allowedIps: [allowedIp(`10.9.0.${other}`), allowedIp(`fd10::${other}`)],
        },
      ],
    });
    if (!configured.ok) throw new Error(configured.error.message);
    await address(sandbox, `n${n}`, `wg${n}`, n);
    return forwarder;
  }

  async function reportOf({ client }: Forwarder, n: 1 | 2) {
    const described = await client.device(`wg${n}`);
    if (!described.ok) throw new Error(described.error.message);
    return described.value.report;
  }

  async function expectIntact(): Promise<void> {
    expect(await transfersIntactBothWays(sandbox, TRANSFER_BYTES)).toBe(true);
  }

  for (const [offloads, without] of [
    ['', undefined],
    // Nothing is left to the kernel of TUN devices then.
    ['no-tso', ['tso', 'uso']],
    ['no-uso', ['uso']],
    ['no-udp-gso', ['udp-gso']],
    ['no-udp-gro', ['udp-gro']],
    ['no-tso,no-uso,no-udp-gso,no-udp-gro', ['tso', 'uso', 'udp-gso', 'udp-gro']],
  ] as const)
    it(`carries bytes intact ${offloads === '' ? 'with all offloads' : `with ${offloads}`}`, async () => {
      const forwarders = [1, 2] as const;
      for (const n of forwarders) {
        const forwarder = await device(n, { FLATLAND_WIREGUARD_OFFLOADS: offloads });
        expect((await reportOf(forwarder, n)).path).toEqual({ kind: 'native', without });
      }
      await expectIntact();
    });

  it('carries bytes intact to and from the portable path', async () => {
    await device(1);
    await device(2, { FLATLAND_FORWARDER: 'portable' });
    await expectIntact();
  });

  it('carries UDP of many sizes, in order and unchanged', async () => {
    await device(1);
    await device(2);
    await pings(sandbox, 'n1', '10.9.0.2', 1);
    const received: string[] = [];
    await using inside = await namespaceSocket(sandbox, 'n2', 7_001);
    inside.socket.on('message', (bytes) => received.push(bytes.toString('hex')));
    await using outside = await namespaceSocket(sandbox, 'n1', 7_002);
    const sent = Array.from({ length: 400 }, (_, i) =>
      Buffer.from(systemRandom(1 + (((i >> 4) * 131) % 1_392))),
    );
    for (const [i, payload] of sent.entries()) {
      outside.socket.send(payload, 7_001, '10.9.0.2');
      if (i % 32 === 31) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until('all arrived', () => received.length === sent.length);
    expect(received).toEqual(sent.map((payload) => payload.toString('hex')));
  });

  it('moves to other ports under load without losing its peer or changing a byte', async () => {
    await device(1);
    const two = await device(2);
    const nBytes = 24 * TRANSFER_BYTES;
    const transfer = transfersIntact(sandbox, { from: 'n1', to: 'n2', address: '10.9.0.2', nBytes });
    for (let port = 6_000; port < 6_020; port++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const moved = await two.client.configure('wg2', { listenPort: port });
      expect(moved.ok).toBe(true);
      // Whoever moves has to speak first.
      await until('they talk', () => pings(sandbox, 'n2', '10.9.0.1', 1));
    }
    expect(await transfer).toBe(true);
  });

  it('lowers the MTU of a path that takes no full datagrams, tells senders, and loses nothing', async () => {
    for (const n of [1, 2]) await sandbox.ip(`-n n${n} link set v${n} mtu 1400`);
    const forwarders = [await device(1), await device(2)] as const;
    await expectIntact();
    // 1400 B of underlay less 60 B over IPv4, known from the first datagram that is refused.
    await until('both know', async () => {
      const reports = [await reportOf(forwarders[0], 1), await reportOf(forwarders[1], 2)];
      return reports.every(({ peers }) => peers[0]!.mtuBytes === 1_340);
    });
    expect(
      (await sandbox.run(['ping', '-c', '1', '-W', '5', '-s', '3000', '10.9.0.2'], { netns: 'n1' })).code,
    ).toBe(0);
    const ping = ['ping', '-c', '1', '-W', '5', '-M', 'do', '-s', '1372', '10.9.0.2'];
    expect((await sandbox.run(ping, { netns: 'n1' })).code).not.toBe(0);
  });

  it('copies ECN out, and marks of congestion in', async () => {
    await device(1);
    const two = await device(2);
    await nft(
      'n2',
      `table inet t {
        counter outer {}
        counter inner {}
        chain in { type filter hook input priority 0;
          udp dport 5002 ip ecn ect0 counter name outer
          iifname wg2 ip ecn ce counter name inner; } }`,
    );
    const ping = ['ping', '-c', '3', '-i', '0.2', '-W', '5', '-Q', '2', '10.9.0.2'];
    await sandbox.must(ping, { netns: 'n1' });
    expect(await counter('n2', 'outer')).toBe(3);
    expect(await counter('n2', 'inner')).toBe(0);
    await nft(
      'n2',
      'table inet u { chain pre { type filter hook prerouting priority -300; udp dport 5002 ip ecn set ce; } }',
    );
    await sandbox.must(ping, { netns: 'n1' });
    expect(await counter('n2', 'inner')).toBe(3);
    // Whoever cannot hear of congestion loses the packet (RFC 6040).
    const { code } = await sandbox.run(['ping', '-c', '1', '-W', '1', '10.9.0.2'], { netns: 'n1' });
    expect(code).not.toBe(0);
    expect((await reportOf(two, 2)).drops['ecn-invalid']).toBe(1);
  });

  it('drops what it must not pass, and counts it', async () => {
    const one = await device(1);
    await device(2);
    expect(await pings(sandbox, 'n1', '10.9.0.2', 1)).toBe(true);
    await sandbox.ip('-n n2 addr add 10.9.0.77/32 dev wg2');
    await sandbox.run(['ping', '-c', '2', '-W', '1', '-I', '10.9.0.77', '10.9.0.1'], { netns: 'n2' });
    await using underlay = await namespaceSocket(sandbox, 'n2', 7_003);
    const hostile = [
      Buffer.alloc(0),
      Buffer.from([4]),
      Buffer.alloc(31, 4),
      Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.alloc(28, 9)]),
      Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.alloc(60_000, 9)]),
      Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.alloc(146)]),
      ...Array.from({ length: 256 }, (_, type) => Buffer.from([type, ...systemRandom(200)])),
    ];
    for (const datagram of hostile) underlay.socket.send(datagram, 5_001, '192.168.9.1');
    await until('all are counted', async () => {
      const { drops } = await reportOf(one, 1);
      return (drops['malformed-message'] ?? 0) >= 259 && (drops['unknown-index'] ?? 0) >= 2;
    });
    const { drops, peers } = await reportOf(one, 1);
    expect(drops['source-not-allowed']).toBe(2);
    expect(peers[0]!.drops).toEqual({ 'source-not-allowed': 2 });
    expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
  });

  it('answers data with a keepalive after 10 s, and silence with a handshake after 15 s', async () => {
    const one = await device(1);
    const two = await device(2);
    expect(await pings(sandbox, 'n1', '10.9.0.2', 1)).toBe(true);
    // An echo was the last thing that both sent. Now only one of them does, and nobody answers.
    await nft('n2', 'table inet t { chain in { type filter hook input priority 0; iifname wg2 drop; } }');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = (await reportOf(two, 2)).peers[0]!.counters.keepalivesSent;
    await using sender = await namespaceSocket(sandbox, 'n1', 7_004);
    sender.socket.send(Buffer.from('one way'), 9, '10.9.0.2');
    const startMs = performance.now();
    const keepalives = async () => (await reportOf(two, 2)).peers[0]!.counters.keepalivesSent - before;
    await until('a keepalive', async () => (await keepalives()) > 0);
    const afterMs = performance.now() - startMs;
    expect(afterMs).toBeGreaterThanOrEqual(9_900);
    expect(afterMs).toBeLessThan(14_000);
    await until(
      'it is heard',
      async () => (await reportOf(one, 1)).peers[0]!.counters.keepalivesReceived > 0,
    );

    const initiations = async () => (await reportOf(one, 1)).peers[0]!.counters.initiationsSent;
    const known = await initiations();
    await sandbox.ip('-n n2 link set v2 down');
    sender.socket.send(Buffer.from('nobody there'), 9, '10.9.0.2');
    const lostMs = performance.now();
    await until('a handshake', async () => (await initiations()) > known);
    expect(performance.now() - lostMs).toBeGreaterThanOrEqual(14_900);
  });

  async function nft(netns: string, ruleset: string): Promise<void> {
    await sandbox.must(['nft', '-f', '-'], { netns, input: `${ruleset.replaceAll('} }', '}\n}')}\n` });
  }

  async function counter(netns: string, name: string): Promise<number> {
    const text = await sandbox.must(['nft', '-j', 'list', 'counter', 'inet', 't', name], { netns });
    const { nftables } = JSON.parse(text) as { nftables: { counter?: { packets: number } }[] };
    return nftables.find((item) => item.counter !== undefined)!.counter!.packets;
  }
});
