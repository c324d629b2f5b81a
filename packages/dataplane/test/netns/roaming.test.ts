/** Peers that move while they talk. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox, until } from '../support/sandbox.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import { openTunnel, outerEndpoint, useOuterFamily, type End, type Tunnel } from './support/tunnel.ts';

describeOnEachPath('a peer that moves', [], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  for (const family of [4, 6] as const)
    for (const who of ['one', 'two'] as const)
      it(`is followed to another IPv${family} address under traffic, when it is end ${who}`, async () => {
        await useOuterFamily(tunnel, family);
        const mover = tunnel[who];
        const other = tunnel[who === 'one' ? 'two' : 'one'];
        expect(await answers(sandbox, echoOf(mover, other))).toBe(true);
        expect(await other.device.endpointOf(mover.keys)).toBe(outerEndpoint(mover, family));

        await using _ = await moved(sandbox, mover, family);
        // Traffic of the peer that stays alone reaches nobody; that of the mover tells where it is.
        await until('they talk again', () => answers(sandbox, { ...echoOf(mover, other), waitSeconds: 2 }));
        expect(await other.device.endpointOf(mover.keys)).toBe(newEndpoint(mover, family));
        expect(await answers(sandbox, { ...echoOf(other, mover), count: 5 })).toBe(true);
      });

  it('is followed to another port, and from one family to the other', async () => {
    const { one, two } = tunnel;
    await useOuterFamily(tunnel, 4);
    for (const [port, family] of [
      [9_999, 4],
      [9_998, 6],
    ] as const) {
      await one.device.set(`listen-port ${port}`);
      await one.device.set(`peer ${two.keys.publicKey} endpoint ${outerEndpoint(two, family)}`);
      expect(await answers(sandbox, { netns: 'n1', to: 'fd10::2' })).toBe(true);
      expect(await two.device.endpointOf(one.keys)).toBe(outerEndpoint({ ...one, port }, family));
      expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1' })).toBe(true);
    }
    await one.device.set(`listen-port ${one.port}`);
  });

  it('loses nothing but what was on its way, when it moves back and forth under a stream of echo requests', async () => {
    await useOuterFamily(tunnel, 4);
    const { one, two } = tunnel;
    const stream = sandbox.run(['ping', '-n', '-c', '100', '-i', '0.03', '-W', '20', '10.9.0.2'], {
      netns: 'n1',
    });
    for (let i = 0; i < 3; i++) {
      await using _ = await moved(sandbox, one, 4);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { stdout } = await stream;
    expect(Number(/, (\d+) received/.exec(stdout)?.[1])).toBeGreaterThan(50);
    expect(await answers(sandbox, echoOf(two, one))).toBe(true);
  });
});

function echoOf(from: End, to: End) {
  return { netns: from.device.netns, to: `10.9.0.${to.n}` };
}

function newEndpoint({ n, port }: End, family: 4 | 6): string {
  return family === 4 ? `192.168.9.${n + 10}:${port}` : `[fd09::${n + 10}]:${port}`;
}

/** Gives an end another underlay address until disposed. */
async function moved(sandbox: Sandbox, { n }: End, family: 4 | 6): Promise<AsyncDisposable> {
  const [prefix, length, flags] = family === 4 ? ['192.168.9.', 24, ''] : ['fd09::', 64, ' nodad'];
  const change = (from: number, to: number) =>
    sandbox.ip(`
      -n n${n} addr del ${prefix}${from}/${length} dev v${n}
      -n n${n} addr add ${prefix}${to}/${length} dev v${n}${flags}`);
  await change(n, n + 10);
  return { [Symbol.asyncDispose]: () => change(n + 10, n) };
}
