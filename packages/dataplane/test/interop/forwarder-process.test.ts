/** The forwarder process as an agent and an operator use it, in network namespaces of the test's own. */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { PeerConfiguration } from '../../src/core/configuration/device-configuration.ts';
import { clampPrivateKey, publicKeyOf, SecretKey } from '../../src/core/noise/keys.ts';
import { udpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { systemRandom } from '../../src/io/node/system-random.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import type { ForwarderEvent } from '../../src/wireguard/control-protocol.ts';
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
import { allowedIp } from '../wireguard/world.ts';

const problem = sandboxProblem('wg', 'ping');

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const keys = [1, 2].map(() => clampPrivateKey(systemRandom(32)));
const publicKeys = keys.map((key) => publicKeyOf(nodeWireguardCrypto.publicKey(key.expose())));

/** Configures device `wgN` as number `n` of a pair of which the other one is its peer. */
async function configure({ client }: Forwarder, n: 1 | 2, peer: Partial<PeerConfiguration> = {}) {
  const other = 3 - n;
  const configured = await client.configure(`wg${n}`, {
    privateKey: new SecretKey(new Uint8Array(keys[n - 1]!.expose())),
    listenPort: 5_000 + n,
    replacePeers: true,
    peers: [
      {
        publicKey: publicKeys[other - 1]!,
        endpoint: udpEndpoint(`192.168.9.${other}` as IpAddress, 5_000 + other),
        allowedIps: [allowedIp(`10.9.0.${other}`), allowedIp(`fd10::${other}`)],
        ...peer,
      },
    ],
  });
  if (!configured.ok) throw new Error(configured.error.message);
}

/** A forwarder in each of two joined namespaces, with a device each that has the other as its peer. */
async function pair(sandbox: Sandbox, path: string, isPersistent = false) {
  await joinTwoNamespaces(sandbox);
  const env = { FLATLAND_FORWARDER: path };
  const forwarders = [
    await startForwarder(sandbox, 'n1', env),
    await startForwarder(sandbox, 'n2', env),
  ] as const;
  for (const n of [1, 2] as const) {
    const made = await forwarders[n - 1]!.client.ensureDevice({
      name: `wg${n}`,
      mtuBytes: 1_420,
      isPersistent,
    });
    if (!made.ok) throw new Error(made.error.message);
    await configure(forwarders[n - 1]!, n);
    await address(sandbox, `n${n}`, `wg${n}`, n);
  }
  return forwarders;
}

for (const { path, pathProblem } of PACKET_PATHS) {
  const isLeftOut = skips(`the forwarder process, ${path}`, problem ?? pathProblem);

  describe.skipIf(isLeftOut)(`the forwarder process, ${path}`, () => {
    let sandbox: Sandbox;
    let one: Forwarder;
    let two: Forwarder;
    beforeAll(async () => {
      sandbox = await Sandbox.open();
      [one, two] = await pair(sandbox, path);
    });
    beforeEach(async () => {
      const listed = await one.client.devices();
      for (const { name } of listed.ok ? listed.value : [])
        if (name !== 'wg1') await one.client.removeDevice(name);
      await one.client.ensureDevice({ name: 'wg1', mtuBytes: 1_420 });
      await configure(one, 1);
      await configure(two, 2);
    });
    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]();
    });

    it('carries packets between two of our own devices, over both families', async () => {
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      expect(await pings(sandbox, 'n2', 'fd10::1')).toBe(true);
      expect(
        await transfersIntact(sandbox, { from: 'n1', to: 'n2', address: '10.9.0.2', nBytes: 4_000_000 }),
      ).toBe(true);
    });

    it('puts a device into the namespace that it is told, and keeps its socket in its own', async () => {
      await sandbox.ip('netns add fl-shop');
      const made = await one.client.ensureDevice({ name: 'wg-shop', namespace: 'fl-shop', mtuBytes: 1_400 });
      expect(made).toMatchObject({
        ok: true,
        value: { name: 'wg-shop', namespace: 'fl-shop', report: { mtuBytes: 1_400 } },
      });
      expect(await sandbox.must(['ip', '-n', 'fl-shop', 'link', 'show', 'wg-shop'])).toContain('mtu 1400');
      expect((await sandbox.run(['ip', '-n', 'n1', 'link', 'show', 'wg-shop'])).code).not.toBe(0);
      await sandbox.ip('-n fl-shop addr add 10.9.0.7/24 dev wg-shop\n-n fl-shop link set wg-shop up');
      await one.client.configure('wg-shop', {
        privateKey: clampPrivateKey(systemRandom(32)),
        listenPort: 5_777,
      });
      await until(
        'the socket is bound',
        async () =>
          (await one.client.device('wg-shop')).ok &&
          (await sandbox.must(['ss', '-lun'], { netns: 'n1' })).includes(':5777'),
      );
      expect(await sandbox.must(['ss', '-lun'], { netns: 'fl-shop' })).not.toContain(':5777');
    });

    it('changes the MTU of a device that is there, and refuses to move it', async () => {
      expect(await one.client.ensureDevice({ name: 'wg1', mtuBytes: 1_300 })).toMatchObject({ ok: true });
      expect(await sandbox.must(['ip', 'link', 'show', 'wg1'], { netns: 'n1' })).toContain('mtu 1300');
      await until('the device knows', async () => {
        const described = await one.client.device('wg1');
        return described.ok && described.value.report.mtuBytes === 1_300;
      });
      expect(await one.client.ensureDevice({ name: 'wg1', namespace: 'n2', mtuBytes: 1_300 })).toEqual({
        ok: false,
        error: { code: 'conflict', message: 'device wg1 is in another network namespace; remove it first' },
      });
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    });

    it('begins after the timestamp that it is told, and tells how far it is', async () => {
      const timestampFloor = '400000006a00000000000001';
      expect(await one.client.ensureDevice({ name: 'later', mtuBytes: 1_420, timestampFloor })).toMatchObject(
        {
          ok: true,
          value: { report: { newestTimestamp: timestampFloor } },
        },
      );
      expect(
        await one.client.ensureDevice({ name: 'wrong', mtuBytes: 1_420, timestampFloor: '4' }),
      ).toMatchObject({
        ok: false,
        error: { code: 'invalid' },
      });
    });

    it('removes a device with its interface and its socket file, and lists the rest in order', async () => {
      await one.client.ensureDevice({ name: 'b', mtuBytes: 1_420 });
      await one.client.ensureDevice({ name: 'a', mtuBytes: 1_420 });
      const names = async () => {
        const listed = await one.client.devices();
        return listed.ok ? listed.value.map(({ name }) => name) : [];
      };
      expect(await names()).toEqual(['a', 'b', 'wg1']);
      await one.client.removeDevice('b');
      await one.client.removeDevice('b');
      expect(await names()).toEqual(['a', 'wg1']);
      expect((await sandbox.run(['ip', 'link', 'show', 'b'], { netns: 'n1' })).code).not.toBe(0);
      expect(readdirSync(sandbox.path('/run/wireguard')).toSorted()).toEqual([
        'a.sock',
        'wg1.sock',
        'wg2.sock',
      ]);
    });

    it('answers what it cannot do with the reason, and goes on', async () => {
      const { client } = one;
      const refusals = [
        await client.ensureDevice({ name: 'a/b', mtuBytes: 1_420 }),
        await client.ensureDevice({ name: 'ok', mtuBytes: 5 }),
        await client.ensureDevice({ name: 'v1', mtuBytes: 1_420 }),
        await client.ensureDevice({ name: 'ok', namespace: 'nowhere', mtuBytes: 1_420 }),
        await client.device('none'),
        await client.configure('none', {}),
        await client.configure('wg1', { listenPort: 70_000 }),
      ].map((result) => (result.ok ? 'done' : result.error));
      expect(refusals).toEqual([
        {
          code: 'conflict',
          message: 'an interface name has 1 to 15 letters, digits, dots, dashes or underscores',
        },
        { code: 'invalid', message: 'mtuBytes must be from 68 to 65535' },
        { code: 'conflict', message: 'interface v1 exists and is no TUN device' },
        { code: 'conflict', message: 'cannot open network namespace /run/netns/nowhere: ENOENT' },
        { code: 'not-found', message: 'no device "none"' },
        { code: 'not-found', message: 'no device "none"' },
        { code: 'invalid', message: 'listen_port is unknown or has an invalid value' },
      ]);
      await client.ensureDevice({ name: 'other', mtuBytes: 1_420 });
      await sandbox.ip('-n n1 link set other up');
      await until('it is up', async () => {
        const described = await client.device('other');
        return described.ok && described.value.report.isUp;
      });
      const taken = await client.configure('other', { listenPort: 5_001 });
      expect(taken).toMatchObject({
        ok: false,
        error: { code: 'conflict', message: 'UDP port 5001 is in use; choose another one' },
      });
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
    });

    it('shows no secret in its answers, its events and its log', async () => {
      const secret = Buffer.from(keys[0]!.expose());
      const bodies = await Promise.all(
        ['/devices', '/devices/wg1', '/healthz'].map((path) =>
          get(sandbox.path('/run/forwarder-n1.sock'), path),
        ),
      );
      for (const text of [...bodies, one.log()]) {
        expect(text).not.toContain(secret.toString('hex'));
        expect(text).not.toContain(secret.toString('base64'));
      }
      expect(bodies[1]).toContain(publicKeys[0]!);
    });

    it('keeps its sockets to their owner', async () => {
      const modes = await sandbox.must([
        'stat',
        '-c',
        '%a %n',
        '/run/forwarder-n1.sock',
        '/run/wireguard/wg1.sock',
      ]);
      expect(modes).toBe('600 /run/forwarder-n1.sock\n600 /run/wireguard/wg1.sock\n');
    });

    it('speaks wg setconf, syncconf, addconf, showconf and set with all they have', async () => {
      const key = Buffer.from(keys[0]!.expose()).toString('base64');
      const peer = publicKeys[1]!;
      const stranger = Buffer.alloc(32, 9).toString('base64');
      const file = `[Interface]\nPrivateKey = ${key}\nListenPort = 5001\nFwMark = 0x33\n\n[Peer]\nPublicKey = ${peer}\nAllowedIPs = 10.9.0.2/32, 10.20.1.7/16, fd10::2/128\nEndpoint = 192.168.9.2:5002\nPersistentKeepalive = 7\n`;
      await wg(sandbox, 'n1', 'setconf wg1 /dev/stdin', file);
      expect(await wg(sandbox, 'n1', 'show wg1 allowed-ips')).toBe(
        `${peer}\t10.9.0.2/32 10.20.0.0/16 fd10::2/128\n`,
      );
      expect(await wg(sandbox, 'n1', 'show wg1 fwmark')).toBe('0x33\n');
      expect(await wg(sandbox, 'n1', 'show wg1 persistent-keepalive')).toBe(`${peer}\t7\n`);
      expect(await wg(sandbox, 'n1', 'show wg1 private-key')).toBe(`${key}\n`);
      expect(await wg(sandbox, 'n1', 'showconf wg1')).toContain(`PrivateKey = ${key}\n`);
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);

      await wg(
        sandbox,
        'n1',
        'addconf wg1 /dev/stdin',
        `[Peer]\nPublicKey = ${stranger}\nAllowedIPs = 10.20.0.0/16\n`,
      );
      expect((await wg(sandbox, 'n1', 'show wg1 peers')).trim().split('\n').toSorted()).toEqual(
        [peer, stranger].toSorted(),
      );
      expect(await wg(sandbox, 'n1', 'show wg1 allowed-ips')).toContain(`${peer}\t10.9.0.2/32 fd10::2/128\n`);

      const handshakes = await wg(sandbox, 'n1', 'show wg1 latest-handshakes');
      await wg(sandbox, 'n1', 'syncconf wg1 /dev/stdin', file);
      expect(await wg(sandbox, 'n1', 'show wg1 peers')).toBe(`${peer}\n`);
      expect(handshakes).toContain((await wg(sandbox, 'n1', 'show wg1 latest-handshakes')).trim());

      await wg(sandbox, 'n1', `set wg1 peer ${peer} remove`);
      expect(await wg(sandbox, 'n1', 'show wg1 peers')).toBe('');
      const [code] = [
        (await sandbox.run(['wg', 'set', 'wg1', 'listen-port', '5001', 'peer', 'x'], { netns: 'n1' })).code,
      ];
      expect(code).not.toBe(0);
      expect((await one.client.device('wg1')).ok).toBe(true);
    });

    it('takes a configuration of 40 peers with 52 prefixes each, and gives it back', async () => {
      const peers = Array.from({ length: 40 }, (_, p) => ({
        publicKey: publicKeyOf(Uint8Array.from({ length: 32 }, (__, i) => (i === 0 ? p + 1 : 7))),
        allowedIps: Array.from({ length: 52 }, (__, n) => allowedIp(`10.${p}.${n}.0/24`)),
      }));
      const configured = await one.client.configure('wg1', { replacePeers: true, peers });
      expect(configured.ok).toBe(true);
      const shown = (await wg(sandbox, 'n1', 'show wg1 allowed-ips')).trim().split('\n');
      expect(shown).toHaveLength(40);
      for (const line of shown) expect(line.split(/[\t ]/)).toHaveLength(53);
    });

    it('tells members of a route that leads nowhere', async () => {
      await one.client.ensureDevice({
        name: 'wg1',
        mtuBytes: 1_420,
        routerAddresses: ['10.9.0.99' as IpAddress],
      });
      const { stdout } = await sandbox.run(['ping', '-c', '1', '-W', '3', '10.9.0.50'], { netns: 'n1' });
      expect(stdout).toContain('From 10.9.0.99 icmp_seq=1 Destination Host Unreachable');
    });
  });

  describe.skipIf(isLeftOut)(`the forwarder process, ${path}, when it or others end`, () => {
    let sandbox: Sandbox;
    beforeEach(async () => {
      sandbox = await Sandbox.open();
    });
    afterEach(async () => {
      await sandbox[Symbol.asyncDispose]();
    });

    it('goes on while whoever configured it is away, and tells of its restarts', async () => {
      const [one, two] = await pair(sandbox, path);
      const events: ForwarderEvent[] = [];
      const stopWatching = two.client.watch((event) => events.push(event));
      await until('it said hello', () => events.length > 0);
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      await until('the handshake is told', () =>
        events.some((event) => event.kind === 'device' && event.event.kind === 'handshake-complete'),
      );
      expect((await one.client.health()).ok).toBe(true);

      two.process.kill('SIGKILL');
      await killInside(sandbox, 'n2', 'SIGKILL');
      await until('it is away', async () => !(await two.client.health()).ok);
      await startForwarder(sandbox, 'n2', { FLATLAND_FORWARDER: path });
      await until(
        'it said hello again',
        () => new Set(events.flatMap((event) => (event.kind === 'hello' ? [event.instance] : []))).size === 2,
      );
      stopWatching();
    });

    it('takes over its persistent devices, with addresses and routes, after it was killed', async () => {
      const [, two] = await pair(sandbox, path, true);
      expect(await pings(sandbox, 'n1', '10.9.0.2')).toBe(true);
      let running = two;
      // Whatever path the one before had; only the native one knows devices with headers and offloads.
      for (const next of path === 'native' ? ['native', 'portable', 'native'] : ['portable']) {
        await killInside(sandbox, 'n2', 'SIGKILL');
        await until('it is away', async () => !(await running.client.health()).ok);
        expect(await sandbox.must(['ip', 'addr', 'show', 'wg2'], { netns: 'n2' })).toContain('10.9.0.2/24');

        running = await startForwarder(sandbox, 'n2', { FLATLAND_FORWARDER: next });
        const device = { name: 'wg2', mtuBytes: 1_420, isPersistent: true };
        const made = await running.client.ensureDevice(device);
        expect(made.ok && made.value.report.path.kind).toBe(next);
        await configure(running, 2);
        await until('packets pass again', () => pings(sandbox, 'n2', '10.9.0.1', 1));
        const way = { from: 'n2', to: 'n1', address: '10.9.0.1', nBytes: 1024 * 1024 };
        expect(await transfersIntact(sandbox, way)).toBe(true);
      }
    });

    it('ends with 0 on SIGTERM and leaves neither interface nor socket behind', async () => {
      const [one] = await pair(sandbox, path);
      const exited = once(one.process, 'exit');
      await killInside(sandbox, 'n1', 'SIGTERM');
      expect(await exited).toEqual([0, null]);
      expect((await sandbox.run(['ip', 'link', 'show', 'wg1'], { netns: 'n1' })).code).not.toBe(0);
      expect(readdirSync(sandbox.path('/run/wireguard'))).toEqual(['wg2.sock']);
      expect(readdirSync(sandbox.path('/run')).toSorted()).toEqual([
        'forwarder-n2.sock',
        'netns',
        'wireguard',
      ]);
    });

    it('waits while another one serves, and takes its place when that ends', async () => {
      const [one] = await pair(sandbox, path);
      const before = await one.client.health();
      const ofOne = forwarderPids(sandbox, 'n1');
      const next = await startForwarder(sandbox, 'n1', { FLATLAND_FORWARDER: path });
      await until('it waits', () => next.log().includes('takes over when that ends'));
      expect(await next.client.health()).toEqual(before);
      for (const pid of ofOne) process.kill(pid, 'SIGTERM');
      await until('it took over', async () => {
        const { ok, ...answer } = await next.client.health();
        return ok && JSON.stringify({ ok, ...answer }) !== JSON.stringify(before);
      });
      const made = await next.client.ensureDevice({ name: 'wg1', mtuBytes: 1_420 });
      expect(made.ok && made.value.report.path.kind).toBe(path);
    });

    it('forgets a device whose interface was deleted', async () => {
      const [one] = await pair(sandbox, path);
      await sandbox.ip('-n n1 link del wg1');
      await until('it is forgotten', async () => !(await one.client.device('wg1')).ok);
      expect(readdirSync(sandbox.path('/run/wireguard'))).toEqual(['wg2.sock']);
    });

    it('is gone with everything that it made when the test that started it is killed', async () => {
      await pair(sandbox, path);
      const pids = sandboxPids(sandbox);
      expect(pids.length).toBeGreaterThanOrEqual(3);
      await sandbox[Symbol.asyncDispose]();
      await until('all are gone', () => pids.every((pid) => !isAlive(pid)));
      sandbox = await Sandbox.open();
    });
  });
}

/** Sends a signal to the forwarder of a namespace. */
async function killInside(sandbox: Sandbox, netns: string, signal: string): Promise<void> {
  for (const pid of forwarderPids(sandbox, netns)) process.kill(pid, signal);
}

/** Numbers, outside, of the forwarders of a namespace. */
function forwarderPids(sandbox: Sandbox, netns: string): number[] {
  const pattern = `--control /run/forwarder-${netns}.sock`;
  return sandboxPids(sandbox).filter((pid) => {
    const command = commandOf(pid);
    return (
      command.includes(pattern) &&
      command.includes('forwarder-main') &&
      !command.startsWith('nsenter') &&
      !command.startsWith('ip ')
    );
  });
}

/** Numbers, outside, of all processes of a sandbox. */
function sandboxPids(sandbox: Sandbox): number[] {
  const own = readlinkOf(`/proc/${sandbox.pid}/ns/pid`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readlinkOf(`/proc/${pid}/ns/pid`) === own);
}

function readlinkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end();
  });
}
