import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../conformance/api.ts';
import { Api, eventually } from '../conformance/api.ts';
import { configMap, definition } from '../conformance/objects.ts';
import { Embedded } from '../client/embedded.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';

const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_125);
const N_STEPS = 400;
const N_NODES = 3;

const NODES = '/api/v1/nodes';
const BLOCKS = '/apis/example.com/v1/blocks';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** Custom resources at cluster scope that nodes own, as AddressBlocks are. */
describe('what nodes own', () => {
  let embedded: Embedded;
  let api: Api;

  beforeEach(async () => {
    embedded = await Embedded.start();
    api = apiOf(embedded);
    await api.create(DEFINITIONS, blocksDefinition(''));
  });

  afterEach(async () => {
    api.close();
    await embedded[Symbol.asyncDispose]();
  });

  it(`stays as long as its node, whatever else happens, and goes with it (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const uids = new Map<string, string>();
    /** The uid of each block's owner. */
    const owners = new Map<string, string>();
    const names = Array.from({ length: N_NODES }, (_, index) => `node-${index}`);
    const register = async (name: string) => {
      const { body } = await api.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
      uids.set(name, body.metadata.uid);
    };
    for (const name of names) await register(name);

    const steps: (() => Promise<unknown>)[] = [
      // What kubelets, agents, people and upgrades do all the time.
      () => api.merge(`${NODES}/${pick(names)}/status`, { status: { phase: `${random()}` } }),
      () =>
        api.merge(`${NODES}/${pick(names)}`, { metadata: { labels: { step: `${random()}`.slice(2, 8) } } }),
      () => {
        const name = pick(names);
        return api.apply(`${NODES}/${name}`, 'applier', nodeNamed(name), 'force=true');
      },
      () => api.merge(`${BLOCKS}/${pick([...owners.keys(), 'none'])}`, { spec: { use: `${random()}` } }),
      () => api.merge(`${DEFINITIONS}/blocks.example.com`, definitionPatch(`${random()}`)),
      async () => {
        const [name, node] = [`block-${Math.floor(random() * 20)}`, pick(names)];
        const { code } = await api.create(BLOCKS, blockOf(name, node, uids.get(node)!));
        if (code === 201) owners.set(name, uids.get(node)!);
      },
      async () => {
        const name = pick([...owners.keys(), 'none']);
        await api.delete(`${BLOCKS}/${name}`);
        owners.delete(name);
      },
      // A node that goes takes its own along; one that comes back under its name is another.
      async () => {
        if (random() < 0.8) return;
        const name = pick(names);
        await api.delete(`${NODES}/${name}`);
        await register(name);
      },
      async () => {
        if (random() < 0.9) return;
        api.close();
        await embedded.restart(0);
        api = apiOf(embedded);
      },
    ];
    for (let step = 0; step < N_STEPS; step++) await pick(steps)();

    await untilCollected();
    const alive = new Set(uids.values());
    const expected = [...owners].filter(([, uid]) => alive.has(uid)).map(([name]) => name);
    const { body } = await api.get(BLOCKS);
    expect(body.items.map((item: Json) => item.metadata.name)).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(0);
  });

  it('goes when its node was made anew, and stays gone', async () => {
    const first = (await api.create(NODES, nodeNamed('n'))).body.metadata.uid;
    await api.create(BLOCKS, blockOf('old', 'n', first));
    await api.delete(`${NODES}/n`);
    const second = (await api.create(NODES, nodeNamed('n'))).body.metadata.uid;
    await api.create(BLOCKS, blockOf('new', 'n', second));
    await untilCollected();
    const { body } = await api.get(BLOCKS);
    expect(body.items.map((item: Json) => item.metadata.name)).toEqual(['new']);
  });

  /** The collector has looked at everything once it has taken what was made last. */
  async function untilCollected(): Promise<void> {
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'ghost', uid: '1' };
    await api.create(CONFIG_MAPS, configMap('last', { ownerReferences: [owner] }));
    const { code } = await eventually(
      () => api.get(`${CONFIG_MAPS}/last`),
      (answer) => answer.code === 404,
    );
    expect(code).toBe(404);
  }
});

function apiOf({ server }: Embedded): Api {
  const { url, caCertPem, adminToken: token } = server;
  return new Api({ url, caCertPem, token, hasControllers: true, close: async () => {} });
}

function nodeNamed(name: string): Json {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}

function blockOf(name: string, node: string, uid: string): Json {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: node, uid }];
  return { apiVersion: 'example.com/v1', kind: 'Block', metadata: { name, ownerReferences }, spec: {} };
}

function blocksDefinition(description: string): Json {
  return definition('blocks', 'Block', schemaOf(description), {}, 'Cluster');
}

function definitionPatch(description: string): Json {
  return {
    spec: {
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemaOf(description) } },
      ],
    },
  };
}

function schemaOf(description: string): Json {
  const spec = { type: 'object', description, properties: { use: { type: 'string' } } };
  return { type: 'object', properties: { spec } };
}
