/** Echo, TCP and UDP through the tunnel, in both families within both. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sandbox } from '../support/sandbox.ts';
import { answers } from './support/echo.ts';
import { startIperf, transfers } from './support/iperf.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import {
  bothWays,
  openTunnel,
  pair,
  setDeviceMtu,
  setUnderlayMtu,
  useOuterFamily,
  type Tunnel,
} from './support/tunnel.ts';

const FAMILIES = [4, 6] as const;
/** The largest that a veth takes. */
const LARGE_UNDERLAY_BYTES = 65_535;
const INNER = { 4: ['10.9.0.1', '10.9.0.2'], 6: ['fd10::1', 'fd10::2'] } as const;
/** Ten echo requests of 84 bytes, padded to 96, in messages with 32 bytes around. */
const TEN_ECHOES_BYTES = 10 * (96 + 32);

describeOnEachPath('a tunnel', ['iperf3'], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
    await setUnderlayMtu(tunnel, LARGE_UNDERLAY_BYTES);
    for (const netns of ['n1', 'n2']) await startIperf(sandbox, netns);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  for (const mtuBytes of [1_420, 34_736])
    for (const outer of FAMILIES)
      it(`carries echo, TCP and UDP of both families over IPv${outer} at an MTU of ${mtuBytes}`, async () => {
        await setDeviceMtu(tunnel, mtuBytes);
        await useOuterFamily(tunnel, outer);
        const echoes = FAMILIES.flatMap((inner) => [
          { netns: 'n1', to: INNER[inner][1], count: 10 },
          { netns: 'n2', to: INNER[inner][0], count: 10 },
        ]);
        expect(await Promise.all(echoes.map((way) => answers(sandbox, way)))).toEqual([
          true,
          true,
          true,
          true,
        ]);
        const ways = (['tcp', 'udp'] as const).flatMap((protocol) => [
          { protocol, from: 'n1', to: INNER[outer][1] },
          { protocol, from: 'n2', to: INNER[outer === 4 ? 6 : 4][0] },
        ]);
        for (const outcome of await Promise.all(ways.map((way) => transfers(sandbox, way)))) {
          expect(outcome.receivedBytes).toBeGreaterThan(100_000);
          // The interface's queue may overflow on a busy machine.
          expect(outcome.lostFraction).toBeLessThan(0.2);
        }
      });

  it('counts to the byte what ten echo requests cost, as the kernel does', async () => {
    await setDeviceMtu(tunnel, 1_420);
    for (const [self, peer] of bothWays(tunnel)) await self.device.set(`peer ${peer.keys.publicKey} remove`);
    await pair(tunnel);
    expect(await answers(sandbox, { netns: 'n2', to: '10.9.0.1', count: 10 })).toBe(true);
    const [answering, asking] = await Promise.all(
      bothWays(tunnel).map(([self, peer]) => self.device.transferOf(peer.keys)),
    );
    // One initiation and ten requests; a keepalive, where the first request came too late to confirm the session.
    const asked = [148 + TEN_ECHOES_BYTES, 148 + TEN_ECHOES_BYTES + 32];
    expect(asked).toEqual([1_428, 1_460]);
    expect(asking).toEqual({ rxBytes: 92 + TEN_ECHOES_BYTES, txBytes: expect.toBeOneOf(asked) });
    expect(answering).toEqual({ rxBytes: asking!.txBytes, txBytes: 1_372 });
  });
});
