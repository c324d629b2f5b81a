import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { Api, eventually } from '../conformance/api.ts';
import type { ServerUnderTest } from '../conformance/server-under-test.ts';

/** Starts an embedded server on a directory of its own, without controllers: nobody but the test writes. */
export async function startEmbedded(): Promise<ServerUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flatland-differential-'));
  const server = await startEmbeddedServer({ dataDir, clusterName: 'differential', runsControllers: false });
  return {
    url: server.url,
    caCertPem: server.caCertPem,
    token: server.adminToken,
    hasControllers: false,
    close: async () => {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Opens a server and gives it Flatland's kinds. */
export async function openApi(server: ServerUnderTest): Promise<Api> {
  const api = new Api(server);
  for (const definition of customResourceDefinitions()) {
    const { code, text } = await api.create(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition,
    );
    if (code !== 201) throw new Error(`no definition: ${text}`);
    const plural = definition.metadata.name.split('.')[0];
    const answer = await eventually(
      () => api.get(`/apis/flatland.dev/v1alpha1/${plural}`),
      (asked) => asked.code === 200,
    );
    if (answer.code !== 200) throw new Error(`${plural} are not served: ${answer.text}`);
  }
  return api;
}
