/** Datagrams that no device may take, at a real socket, over both paths. */
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clampPrivateKey, publicKeyBytes, publicKeyOf } from '../../src/core/noise/keys.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';
import { TestProcess } from '../netns/support/process.ts';
import { PACKET_PATHS } from '../support/packet-paths.ts';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { Sandbox, sandboxProblem, skips } from '../support/sandbox.ts';
import { address, joinTwoNamespaces, startForwarder } from '../support/underlay.ts';
import { allowedIp } from '../wireguard/world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

const SENDER = fileURLToPath(new URL('../support/malformed-sender.ts', import.meta.url));
const N_DATAGRAMS = scaled(50_000, 5_000_000);
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

const problem = sandboxProblem();

for (const { path, pathProblem } of PACKET_PATHS) {
  const suite = `D-01: malformed datagrams at a socket, ${path}`;
  describe.skipIf(skips(suite, problem ?? pathProblem))(suite, () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await Sandbox.open();
      await joinTwoNamespaces(sandbox);
    });
    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]();
    });

    it(`are each dropped and counted, ${N_DATAGRAMS} of them; none is answered, no memory grows, and a session beside them goes on`, async () => {
      const [own, peer] = [0, 1].map(() => clampPrivateKey(randomBytes(32))) as [Key, Key];
      const { client, process } = await startForwarder(sandbox, 'n2', { FLATLAND_FORWARDER: path });
      const forwarder = new TestProcess(process);
      await client.ensureDevice({ name: 'wg2', mtuBytes: 1_420 });
      const peers = [{ publicKey: publicKeyText(peer), allowedIps: [allowedIp('10.9.0.1/32')] }];
      const privateKeyText = Buffer.from(peer.expose()).toString('base64');
      const ownText = Buffer.from(publicKeyBytes(publicKeyText(own))).toString('base64');
      await client.configure('wg2', { privateKey: own, listenPort: 5_002, peers });
      await address(sandbox, 'n2', 'wg2', 2);

      const args = [SENDER, privateKeyText, ownText, '192.168.9.2', '5002', String(N_DATAGRAMS)];
      const sender = sandbox.start([globalThis.process.execPath, ...args], { netns: 'n1' });
      const lines: string[] = [];
      let warmBytes = 0;
      sender.stdout!.setEncoding('utf8').on('data', (text: string) => {
        lines.push(...text.trim().split('\n'));
        if (lines[0] === 'warm' && warmBytes === 0) warmBytes = forwarder.residentBytes();
      });
      let problems = '';
      sender.stderr!.on('data', (text: Buffer) => (problems += text.toString()));
      await once(sender, 'close');

      expect(problems).toBe('');
      expect(JSON.parse(lines[1] ?? '{}')).toEqual({ nSent: N_DATAGRAMS, nAnswered: 0 });
      const described = await client.device('wg2');
      if (!described.ok) throw new Error(described.error.message);
      const { drops } = described.value.report;
      const nDropped = Object.values(drops).reduce((sum, n) => sum + n, 0);
      expect(nDropped).toBeGreaterThan(0.99 * N_DATAGRAMS);
      for (const reason of [
        'malformed-message',
        'mac1-invalid',
        'unknown-index',
        'authentication-failed',
      ] as const)
        expect([reason, (drops[reason] ?? 0) > N_DATAGRAMS / 1_000]).toEqual([reason, true]);
      expect(warmBytes).toBeGreaterThan(0);
      expect(forwarder.residentBytes() - warmBytes).toBeLessThan(MAX_GROWTH_BYTES);
    });
  });
}

type Key = ReturnType<typeof clampPrivateKey>;

function publicKeyText(key: Key) {
  return publicKeyOf(crypto.publicKey(key.expose()));
}
