/** Keys that change while a device runs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { Sandbox, until } from '../support/sandbox.ts';
import { newKeys } from './support/device.ts';
import { answers } from './support/echo.ts';
import { describeOnEachPath } from './support/packet-paths.ts';
import {
  bothWays,
  innerAddresses,
  openTunnel,
  outerEndpoint,
  type End,
  type Tunnel,
} from './support/tunnel.ts';

/** Less than REKEY_TIMEOUT: who waits for a second attempt gets no answer in this time. */
const AT_ONCE_SECONDS = 4;

describeOnEachPath('keys', [], (path) => {
  let sandbox: Sandbox;
  let tunnel: Tunnel;

  beforeAll(async () => {
    sandbox = await Sandbox.open();
    tunnel = await openTunnel(sandbox, path);
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
  });

  const talkAtOnce = (from: End, to: End) =>
    answers(sandbox, { netns: from.device.netns, to: `10.9.0.${to.n}`, waitSeconds: AT_ONCE_SECONDS });

  for (const who of ['one', 'two'] as const)
    it(`of a device may be replaced, and a handshake with the new one follows at once, when it is end ${who}`, async () => {
      const self = tunnel[who];
      const peer = tunnel[who === 'one' ? 'two' : 'one'];
      expect(await answers(sandbox, { netns: self.device.netns, to: `10.9.0.${peer.n}` })).toBe(true);
      const keys = newKeys();
      await self.device.set('private-key /dev/stdin', keys.privateKey);
      await peer.device.set(
        `peer ${keys.publicKey} allowed-ips ${innerAddresses(self.n)} endpoint ${outerEndpoint(self)} peer ${self.keys.publicKey} remove`,
      );
      tunnel = { ...tunnel, [who]: { ...self, keys } };
      expect(await talkAtOnce(self, peer)).toBe(true);
      expect(await talkAtOnce(peer, self)).toBe(true);
      expect(await self.device.show('public-key')).toEqual([[keys.publicKey]]);
    });

  it('that are shared beforehand count from the next handshake on, and the session before goes on', async () => {
    const presharedKey = randomBytes(32).toString('base64');
    const setPresharedKey = (self: End, peer: End, key: string) =>
      self.device.set(`peer ${peer.keys.publicKey} preshared-key /dev/stdin`, key);
    const { one, two } = tunnel;
    expect(await talkAtOnce(one, two)).toBe(true);
    await setPresharedKey(one, two, presharedKey);
    expect(await talkAtOnce(one, two)).toBe(true);
    expect(await talkAtOnce(two, one)).toBe(true);

    // Taking the interface down erases the sessions.
    await one.device.restart();
    expect(await talkAtOnce(one, two)).toBe(false);
    await setPresharedKey(two, one, presharedKey);
    await until('they agree', () => talkAtOnce(one, two));
    expect(await two.device.show('preshared-keys')).toEqual([[one.keys.publicKey, presharedKey]]);

    for (const [self, peer] of bothWays(tunnel))
      await self.device.set(`peer ${peer.keys.publicKey} preshared-key /dev/null`);
    await one.device.restart();
    await until('they agree', () => talkAtOnce(one, two));
    expect(await one.device.show('preshared-keys')).toEqual([[two.keys.publicKey, '(none)']]);
  });

  it('of a device that has none let it carry nothing, until it has one again', async () => {
    const { one, two } = tunnel;
    expect(await talkAtOnce(one, two)).toBe(true);
    await one.device.set('private-key /dev/null');
    expect(await one.device.show('public-key')).toEqual([['(none)']]);
    expect(await answers(sandbox, { netns: 'n1', to: '10.9.0.2', waitSeconds: 1 })).toBe(false);
    await one.device.set('private-key /dev/stdin', one.keys.privateKey);
    await until('they talk again', () => talkAtOnce(one, two));
  });
});
