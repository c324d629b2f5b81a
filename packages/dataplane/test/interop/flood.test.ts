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
const FLOOD_SECONDS = 10;
/** Two of them together stay below what a device takes of one source. */
const N_PROVED = 30;
const PAUSE_MS = 200;
const TIMEOUT_MS = 60_000;

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

    it(
      'is mostly dropped before it costs anything, and does not keep out who proves his address, before or amidst',
      async () => {
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
          sandbox.start([process.execPath, script, publicKey, '192.168.9.2', '5002', ...args], {
            netns: 'n1',
          });

        const before = node(PROVED, String(N_PROVED), String(PAUSE_MS));
        await once(before.stdout!, 'data');
        const flood = node(FLOOD, String(PER_SECOND), String(FLOOD_SECONDS), '0', '192.168.9.1');
        await once(flood.stdout!, 'data');
        const amidst = node(PROVED, String(N_PROVED), String(PAUSE_MS));
        await once(amidst.stdout!, 'data');
        const { 'unknown-peer': nBefore = 0 } = await dropsOf();
        await Promise.all(
          [before, amidst].map((proved) => {
            proved.stdin!.write('go\n');
            return once(proved.stdout!, 'data');
          }),
        );
        expect(flood.exitCode).toBeNull();
        const { 'unknown-peer': nAfter = 0 } = await dropsOf();
        // Read to the end: only then is a message's sender found to be nobody.
        expect(nAfter - nBefore).toBeGreaterThan(0.94 * 2 * N_PROVED);
        await once(flood, 'exit');
        const { 'under-load': nTurnedAway = 0 } = await dropsOf();
        expect(nTurnedAway).toBeGreaterThan(0.5 * PER_SECOND * FLOOD_SECONDS);
      },
      TIMEOUT_MS,
    );
  },
);
