/** From which of its addresses a device answers: the one that the peer used, for as long as it is there. */
import { expect, it } from 'vitest';
import { skips, type Sandbox } from '../support/sandbox.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath, inSandbox, type PathKind } from './support/packet-paths.ts';
import { setSysctls } from './support/routed.ts';
import { openTunnel, outerEndpoint, type Tunnel } from './support/tunnel.ts';

const ADDRESSES = {
  4: { first: '192.168.9.1/24', second: '192.168.9.11/24', elsewhere: '10.50.0.1/32' },
  6: { first: 'fd09::1/64', second: 'fd09::11/64', elsewhere: 'fd50::1/128' },
} as const;

/** Why a path does not know which address a peer used. */
const UNKNOWN_ON: Partial<Record<PathKind, string>> = {
  portable: 'sockets of Node do not say which address a datagram was sent to',
};
/** Why a path stays with an address when the routes change. */
const KEPT_ON: Partial<Record<PathKind, string>> = {
  native: 'the address that a peer used is kept as long as it is ours',
};

describeOnEachPath('a device with several addresses', ['sysctl'], (path) => {
  for (const family of [4, 6] as const) {
    const { first, second, elsewhere } = ADDRESSES[family];
    const at = (address: string, { one }: Tunnel) => {
      const bare = address.split('/')[0]!;
      return family === 4 ? `${bare}:${one.port}` : `[${bare}]:${one.port}`;
    };
    const nodad = family === 6 ? ' nodad' : '';
    const fromTwo = { netns: 'n2', to: '10.9.0.1' };

    it(`goes on from another IPv${family} address when the one that it used goes away`, () =>
      inSandbox(async (sandbox) => {
        const tunnel = await openTunnel(sandbox, path);
        const { one, two } = tunnel;
        await setSysctls(sandbox, 'n1', { 'net.ipv4.conf.v1.promote_secondaries': 1 });
        await useFamily(tunnel, family);
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
        expect(await answers(sandbox, fromTwo)).toBe(true);
        await sandbox.ip(`-n n1 addr add ${second} dev v1${nodad}\n-n n1 addr del ${first} dev v1`);
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2', count: 3 })).toBe(true);
        expect(await two.device.endpointOf(one.keys)).toBe(at(second, tunnel));
        expect(await answers(sandbox, fromTwo)).toBe(true);
      }));

    it.skipIf(skips(`the source that a peer used, on the ${path} path`, UNKNOWN_ON[path]))(
      `answers from the IPv${family} address that the peer used`,
      () =>
        inSandbox(async (sandbox) => {
          const tunnel = await openTunnel(sandbox, path);
          const { one, two } = tunnel;
          await sandbox.ip(
            `-n n1 addr add ${second} dev v1${nodad}\n-n n1 addr add ${elsewhere} dev lo${nodad}`,
          );
          const via = family === 4 ? '192.168.9.1' : 'fd09::1';
          await sandbox.ip(`-n n2 -${family} route add ${elsewhere} via ${via}`);
          // The last one belongs to another interface than the answers leave by.
          for (const address of [first, second, first, elsewhere]) {
            const endpoint = at(address, tunnel);
            await two.device.set(`peer ${one.keys.publicKey} endpoint ${endpoint}`);
            expect(await answers(sandbox, { ...fromTwo, count: 3 })).toBe(true);
            expect(await two.device.endpointOf(one.keys)).toBe(endpoint);
          }
        }),
    );
  }

  it.skipIf(skips(`a better route, on the ${path} path`, KEPT_ON[path]))(
    'leaves from the address that a new, better route prefers',
    () =>
      inSandbox(async (sandbox) => {
        const { one, two } = await openTunnel(sandbox, path);
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
        await preferOtherCable(sandbox);
        expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2' })).toBe(true);
        expect(await two.device.endpointOf(one.keys)).toBe(`192.168.9.11:${one.port}`);
      }),
  );
});

async function useFamily({ one, two }: Tunnel, family: 4 | 6): Promise<void> {
  await one.device.set(`peer ${two.keys.publicKey} endpoint ${outerEndpoint(two, family)}`);
}

/** A second cable, whose route has the better metric and another source. */
async function preferOtherCable(sandbox: Sandbox): Promise<void> {
  for (const netns of ['n1', 'n2'])
    await setSysctls(sandbox, netns, {
      'net.ipv4.conf.all.rp_filter': 0,
      'net.ipv4.conf.default.rp_filter': 0,
    });
  await sandbox.ip(`
    link add w1 netns n1 type veth peer name w2 netns n2
    -n n1 addr add 192.168.9.11/24 dev w1 noprefixroute
    -n n1 link set w1 up
    -n n2 link set w2 up
    -n n1 route add 192.168.9.2/32 dev w1 src 192.168.9.11`);
}
