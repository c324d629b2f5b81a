import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clampPrivateKey, publicKeyBytes, publicKeyOf } from '../../src/core/noise/keys.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';
import { nativeProblem } from '../support/packet-paths.ts';
import { Sandbox, sandboxProblem, skips } from '../support/sandbox.ts';
import { joinTwoNamespaces, startForwarder } from '../support/underlay.ts';

const FLOOD = fileURLToPath(new URL('../support/flood-sender.ts', import.meta.url));
const PROVED = fileURLToPath(new URL('../support/proved-sender.ts', import.meta.url));
const PER_SECOND = 30_000;
const FLOOD_SECONDS = 9;
/** Below what a device takes of one source. */
const N_PROVED = 60;
const PAUSE_MS = 100;

describe.skipIf(skips('a flood at the native path', sandboxProblem() ?? nativeProblem))(
  'a flood of initiations',
  () => {
    let sandbox: Sandbox;
    beforeEach(async () => {
      sandbox = await Sandbox.open();
      await joinTwoNamespaces(sandbox);
    });
    afterEach(async () => {
      await sandbox[Symbol.asyncDispose]();
    });

    it('is mostly dropped before it costs anything, and does not keep out who proved his address', async () => {
      const key = clampPrivateKey(randomBytes(32));
      const publicKey = Buffer.from(publicKeyBytes(publicKeyOf(crypto.publicKey(key.expose())))).toString(
        'base64',
      );
      const { client } = await startForwarder(sandbox, 'n2');
      await client.ensureDevice({ name: 'wg2', mtuBytes: 1_420 });
      await client.configure('wg2', { privateKey: key, listenPort: 5_002 });
      await sandbox.ip('-n n2 link set wg2 up');
      const dropsOf = async () => {
        const described = await client.device('wg2');
        if (!described.ok) throw new Error(described.error.message);
        return described.value.report.drops;
      };
      const node = (script: string, ...args: string[]) =>
        sandbox.start([process.execPath, script, publicKey, '192.168.9.2', '5002', ...args], { netns: 'n1' });

      const proved = node(PROVED, String(N_PROVED), String(PAUSE_MS));
      await once(proved.stdout!, 'data');
      const flood = node(FLOOD, String(PER_SECOND), String(FLOOD_SECONDS), '0', '192.168.9.1');
      await once(flood.stdout!, 'data');
      const { 'unknown-peer': nKnownBefore = 0 } = await dropsOf();
      proved.stdin!.write('go\n');
      await once(proved.stdout!, 'data');
      const { 'unknown-peer': nOpened = 0 } = await dropsOf();
      // Read to the end: only then is a message's sender found to be nobody.
      expect(nOpened - nKnownBefore).toBeGreaterThan(0.94 * N_PROVED);
      await once(flood, 'exit');
      const { 'under-load': nTurnedAway = 0 } = await dropsOf();
      expect(nTurnedAway).toBeGreaterThan(0.5 * PER_SECOND * FLOOD_SECONDS);
    });
  },
);
