import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../src/server/start-server.ts';
import { conformanceSuite } from './conformance/suite.ts';

conformanceSuite('the embedded API server', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'flatland-kube-'));
  const server = await startEmbeddedServer({ dataDir, clusterName: 'conformance', onError: reportError });
  return {
    url: server.url,
    caCertPem: server.caCertPem,
    token: server.adminToken,
    hasControllers: true,
    expireHistory: async () => server.forgetHistory(),
    close: async () => {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
});

/** A real kube-apiserver can be put under the same cases: its address and the token of a member of system:masters. */
const url = process.env['FLATLAND_CONFORMANCE_URL'];
const token = process.env['FLATLAND_CONFORMANCE_TOKEN'];
if (url !== undefined && token !== undefined) {
  conformanceSuite('a real kube-apiserver', async () => ({
    url,
    token,
    hasControllers: process.env['FLATLAND_CONFORMANCE_CONTROLLERS'] === '1',
    close: async () => {},
  }));
}

function reportError(error: unknown): void {
  process.stderr.write(`internal error of the server: ${String(error)}\n`);
}
