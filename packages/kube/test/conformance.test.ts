import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@flatland/shared/result';
import { localAddressPolicy } from '../src/client/address-policy.ts';
import { readKubeconfig } from '../src/client/kubeconfig/read-kubeconfig.ts';
import { startEmbeddedServer } from '../src/server/start-server.ts';
import type { ServerUnderTest } from './conformance/server-under-test.ts';
import { conformanceSuite } from './conformance/suite.ts';
import { findPrograms } from './real-server/programs.ts';
import { startRealServer } from './real-server/real-server.ts';

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

/**
 * A real kube-apiserver with its controllers can be put under the same cases: the path of a kubeconfig whose user is a
 * member of system:masters, and the name of a context where the current one is not meant.
 */
const kubeconfig = process.env['FLATLAND_CONFORMANCE_KUBECONFIG'];
if (kubeconfig !== undefined) {
  conformanceSuite('a real kube-apiserver', async () =>
    serverOf(await readFile(kubeconfig, 'utf8'), process.env['FLATLAND_CONFORMANCE_CONTEXT']),
  );
}

/** Or one is started, with no nodes, from the programs of the release that `FLATLAND_KUBERNETES` names. */
if (process.env['FLATLAND_CONFORMANCE'] === 'bare') {
  const programs = findPrograms();
  if (programs === undefined)
    throw new Error('etcd or kube-apiserver is not there; `npm run clusters:build` makes both');
  conformanceSuite(`kube-apiserver ${programs.release}`, () =>
    startRealServer(programs, { withControllers: true }),
  );
}

function serverOf(text: string, contextName: string | undefined): ServerUnderTest {
  const read = orThrow(readKubeconfig(text, { addressPolicy: localAddressPolicy }));
  const context = read.contexts.find(({ name }) => name === (contextName ?? read.currentContext));
  if (context === undefined) throw new Error('the kubeconfig has no such context');
  const { server, caPem, credential } = orThrow(context.connection);
  return {
    url: server,
    ...(caPem !== undefined && { caCertPem: caPem }),
    ...(credential.kind === 'token' && { token: credential.token.reveal() }),
    ...(credential.kind === 'client-certificate' && {
      clientCertificate: { certPem: credential.certificatePem, keyPem: credential.keyPem.reveal() },
    }),
    hasControllers: true,
    learnsByAndBy: true,
    outlivesTheSuite: true,
    close: async () => {},
  };
}

function orThrow<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`the kubeconfig cannot be used: ${JSON.stringify(result.error)}`);
  return result.value;
}

function reportError(error: unknown): void {
  process.stderr.write(`internal error of the server: ${String(error)}\n`);
}
