import { afterAll, beforeAll, describe } from 'vitest';
import { Api, eventually } from './api.ts';
import type { ServerUnderTest, StartServer } from './server-under-test.ts';
import { admissionCases } from './cases/admission.ts';
import { applyCases } from './cases/apply.ts';
import { builtInRuleCases } from './cases/built-in-rules.ts';
import { comparedCases } from './cases/compared.ts';
import { customResourceCases } from './cases/custom-resources.ts';
import { deletionCases } from './cases/deletion.ts';
import { discoveryCases } from './cases/discovery.ts';
import { listCases } from './cases/lists.ts';
import { namespaceCases } from './cases/namespaces.ts';
import { objectCases } from './cases/objects.ts';
import { patchEdgeCases } from './cases/patch-edges.ts';
import { patchCases } from './cases/patches.ts';
import { rbacCases } from './cases/rbac.ts';
import { podRuleCases } from './cases/pod-rules.ts';
import { requestCases } from './cases/requests.ts';
import { subresourceCases } from './cases/subresources.ts';
import { tableCases } from './cases/tables.ts';
import { tokenCases } from './cases/tokens.ts';
import { validationCases } from './cases/validation.ts';
import { watchCases } from './cases/watches.ts';

/** What the cases work with. */
export interface Suite {
  readonly api: Api;
  readonly server: ServerUnderTest;
  /** The minor number of the server's release: 32 of 1.32. */
  readonly minor: number;
  /** Makes a namespace that nobody else uses; gives its name. */
  readonly freshNamespace: () => Promise<string>;
  /** A name that nobody else uses. */
  readonly freshName: (stem: string) => string;
}

/** The suite begins before the server runs, so that cases get it through a function. */
export type Get = () => Suite;

/**
 * What every server of the Kubernetes API must do, as far as this project relies on it, over HTTP alone.
 * The same cases hold for the embedded server and for a real kube-apiserver.
 */
export function conformanceSuite(name: string, startServer: StartServer): void {
  describe(`${name} serves the Kubernetes API`, () => {
    let suite: Suite | undefined;
    const run = Math.random().toString(36).slice(2, 8);
    let count = 0;
    const namespaces: string[] = [];
    const freshName = (stem: string) => `${stem}-${run}-${++count}`;

    beforeAll(async () => {
      const server = await startServer();
      const api = new Api(server);
      const version = await api.get('/version');
      suite = {
        api,
        minor: Number.parseInt(version.body.minor, 10),
        server,
        freshName,
        freshNamespace: async () => {
          const namespace = freshName('conformance');
          const made = await api.create('/api/v1/namespaces', {
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: namespace },
          });
          if (made.code !== 201) throw new Error(`no namespace: ${made.text}`);
          namespaces.push(namespace);
          // Without it no pod is taken; a controller of a busy machine makes it late.
          const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
          await eventually(
            () => api.get(account),
            ({ code }) => code === 200,
          );
          return namespace;
        },
      };
    }, 240_000);

    afterAll(async () => {
      if (suite?.server.outlivesTheSuite === true)
        for (const namespace of namespaces) await suite.api.delete(`/api/v1/namespaces/${namespace}`);
      suite?.api.close();
      await suite?.server.close();
    });

    const get: Get = () => suite!;
    discoveryCases(get);
    requestCases(get);
    objectCases(get);
    listCases(get);
    watchCases(get);
    tableCases(get);
    patchCases(get);
    patchEdgeCases(get);
    applyCases(get);
    validationCases(get);
    podRuleCases(get);
    builtInRuleCases(get);
    customResourceCases(get);
    subresourceCases(get);
    deletionCases(get);
    namespaceCases(get);
    rbacCases(get);
    admissionCases(get);
    tokenCases(get);
    comparedCases(get);
  });
}
