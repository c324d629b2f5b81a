/** Configurations far larger than usual go in by `wg` and come back unchanged, also while traffic flows. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { wg } from '../support/underlay.ts';
import { newKeys } from './support/device.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { innerAddresses, openTunnel, outerEndpoint, type Tunnel } from './support/tunnel.ts';

interface ConfiguredPeer {
  readonly publicKey: string;
  readonly allowedIps: readonly string[];
}

describeOnEachPath('a device', [], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
    expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  /** The text of a configuration of the first end, which keeps its tunnel. */
  function configuration(peers: readonly ConfiguredPeer[]): string {
    const { one, two } = tunnel;
    const own = `[Interface]\nPrivateKey = ${one.keys.privateKey}\nListenPort = ${one.port}\n`;
    const kept = {
      publicKey: two.keys.publicKey,
      allowedIps: innerAddresses(2).split(','),
      more: `Endpoint = ${outerEndpoint(two)}\n`,
    };
    const sections = [kept, ...peers.map((peer) => ({ ...peer, more: '' }))].map(
      ({ publicKey, allowedIps, more }) =>
        `[Peer]\nPublicKey = ${publicKey}\n${more}${lines(allowedIps)
          .map((line) => `AllowedIPs = ${line}\n`)
          .join('')}`,
    );
    return own + sections.join('');
  }

  const apply = (command: 'setconf' | 'syncconf', text: string) =>
    wg(sandbox, 'n1', `${command} wg1 /dev/stdin`, text);

  /** Allowed IPs of each peer but the far end, as `wg showconf` has them, sorted. */
  async function shown(): Promise<ConfiguredPeer[]> {
    const text = await wg(sandbox, 'n1', 'showconf wg1');
    return text
      .split('[Peer]\n')
      .slice(1)
      .map((section) => ({
        publicKey: /^PublicKey = (.*)$/m.exec(section)![1]!,
        allowedIps: (/^AllowedIPs = (.*)$/m.exec(section)?.[1] ?? '').split(', ').filter(Boolean).toSorted(),
      }))
      .filter(({ publicKey }) => publicKey !== tunnel.two.keys.publicKey)
      .toSorted(byKey);
  }

  /** Echo requests pass all the while, before, during and after something. */
  async function whileTrafficFlows(during: () => Promise<unknown>): Promise<void> {
    let isOver = false;
    const traffic = (async () => {
      const results: boolean[] = [];
      while (!isOver) results.push(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: 10 }));
      return results;
    })();
    try {
      await during();
    } finally {
      isOver = true;
    }
    expect((await traffic).every(Boolean)).toBe(true);
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1' })).toBe(true);
  }

  it('takes 130,560 allowed IPs of one peer while traffic flows, and gives them back', async () => {
    const peer = { publicKey: newKeys().publicKey, allowedIps: manyPrefixes() };
    expect(peer.allowedIps.length).toBe(130_560);
    const text = configuration([peer]);
    await whileTrafficFlows(() => apply('syncconf', text));
    const expected = [{ ...peer, allowedIps: peer.allowedIps.toSorted() }];
    expect(await shown()).toEqual(expected);
    await whileTrafficFlows(() => apply('syncconf', text));
    expect(await shown()).toEqual(expected);
    // One word for the key, one for each prefix, as `wg show` counts them.
    const words = (await wg(sandbox, 'n1', 'show wg1 allowed-ips'))
      .split('\n')
      .find((line) => line.startsWith(peer.publicKey))!
      .split(/\s/);
    expect(words.length).toBe(130_561);
    await apply('setconf', text);
    expect(await shown()).toEqual(expected);
    // That was a new beginning for every peer.
    expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
    await whileTrafficFlows(() => apply('syncconf', configuration([])));
    expect(await shown()).toEqual([]);
  });

  it('takes 40 peers with 52 prefixes each while traffic flows, and gives them back', async () => {
    const peers = Array.from({ length: 40 }, (_, a) => ({
      publicKey: newKeys().publicKey,
      allowedIps: Array.from({ length: 52 }, (_prefix, b) => `${a + 100}.${b}.0.0/16`),
    }));
    await whileTrafficFlows(() => apply('syncconf', configuration(peers)));
    expect(await shown()).toEqual(sorted(peers));
    // To take half of them away disturbs nobody either.
    await whileTrafficFlows(() => apply('syncconf', configuration(peers.slice(20))));
    expect(await shown()).toEqual(sorted(peers.slice(20)));
  });

  it('takes 29 peers without a prefix and one with two, and gives them back', async () => {
    const peers = Array.from({ length: 30 }, (_, i) => ({
      publicKey: newKeys().publicKey,
      allowedIps: i === 29 ? ['255.2.3.4/32', 'abcd::255/128'] : [],
    }));
    await whileTrafficFlows(() => apply('syncconf', configuration(peers)));
    expect(await shown()).toEqual(sorted(peers));
    await apply('setconf', configuration([]));
    expect(await shown()).toEqual([]);
  });

  it('shows a peer without prefixes and one with 197 of them', async () => {
    const [none, many] = [newKeys(), newKeys()];
    const prefixes = Array.from({ length: 197 }, (_, i) => `abcd::${i + 1}/128`);
    await tunnel.one.device.set(`peer ${none.publicKey}`);
    await tunnel.one.device.set(`peer ${many.publicKey} allowed-ips ${prefixes.join(',')}`);
    const rows = new Map((await tunnel.one.device.show('allowed-ips')).map(([key, ips]) => [key, ips]));
    expect(rows.get(none.publicKey)).toBe('(none)');
    expect(rows.get(many.publicKey)!.split(' ').toSorted()).toEqual(prefixes.toSorted());
    await apply('syncconf', configuration([]));
  });
});

/** 255 x 256 networks of IPv4 and as many hosts of IPv6, none of which holds an address of the tunnel. */
function manyPrefixes(): string[] {
  return Array.from({ length: 255 * 256 }, (_, i) => {
    const [a, b] = [(i >> 8) + 1, i & 255];
    return [`${a}.${b}.0.0/16`, `${a.toString(16)}::${b === 0 ? '' : b.toString(16)}/128`];
  }).flat();
}

/** What `wg` reads as lines: each has many prefixes, but not all. */
function lines(allowedIps: readonly string[]): string[] {
  const nPerLine = 64;
  return Array.from({ length: Math.ceil(allowedIps.length / nPerLine) }, (_, i) =>
    allowedIps.slice(i * nPerLine, (i + 1) * nPerLine).join(', '),
  );
}

function sorted(peers: readonly ConfiguredPeer[]): ConfiguredPeer[] {
  return peers
    .map(({ publicKey, allowedIps }) => ({ publicKey, allowedIps: allowedIps.toSorted() }))
    .toSorted(byKey);
}

function byKey(a: ConfiguredPeer, b: ConfiguredPeer): number {
  return a.publicKey < b.publicKey ? -1 : 1;
}
