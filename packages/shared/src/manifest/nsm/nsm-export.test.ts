import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { NSM_ANNOTATION, parseNsmAnnotation, writeNsmAnnotation } from '../../model/nsm-annotation.ts';
import { planChange } from '../../plan/plan-change.ts';
import { buildTopology } from '../../topology/build-topology.ts';
import type { Snapshot } from '../../topology/snapshot.ts';
import { arbitraryWorld } from '../../testing/arbitrary-world.ts';
import { snapshotOf, type World, type WorldDomain } from '../../testing/world.ts';
import { nsmClients } from './discover.ts';
import { nsmExport } from './nsm-export.ts';

const FAMILIES: Record<string, readonly string[]> = {
  ipv4: ['10.81.0.0/16'],
  ipv6: ['fd00:81::/64'],
  'dual-stack': ['10.81.0.0/16', 'fd00:81::/48'],
};

describe('a domain as objects of Network Service Mesh', () => {
  it.each(Object.entries(FAMILIES))('keeps its bytes over two clusters with %s', async (name, prefixes) => {
    const exported = exportRed({ prefixes });
    expect(exported.refusals).toEqual([]);
    await expect(textOf(exported.files)).toMatchFileSnapshot(`../__snapshots__/nsm-${name}.yaml`);
  });

  it('keeps its bytes in one cluster, where nothing floats and nothing is federated', async () => {
    const text = textOf(exportRed({ clusters: ['east'] }).files);
    expect(text).not.toMatch(/my\.east|federatesWith|LoadBalancer/);
    await expect(text).toMatchFileSnapshot('../__snapshots__/nsm-one-cluster.yaml');
  });

  it('names all network services of a workload in its one annotation', () => {
    const snapshot = edited(snapshotOf(twoDomains()), (object) =>
      object.kind === 'Domain'
        ? { ...object, spec: { ...(object['spec'] as object), target: 'nsm' } }
        : object,
    );
    const { files } = nsmExport(buildTopology(snapshot), 'red');
    expect(files.find(({ path }) => path === 'west/clients-red.yaml')?.text).toContain(
      'kernel://green@my.east/ns-green,kernel://red@my.east/ns-red',
    );
  });

  it('annotates the namespace where the whole of it is a member', () => {
    const snapshot = edited(snapshotOf(world()), (object) =>
      object.kind === 'Membership' ? { ...object, spec: { domain: 'red', selector: {} } } : object,
    );
    const { files } = nsmExport(buildTopology(snapshot), 'red');
    expect(parsed(files).filter(isClient)).toEqual([
      expect.objectContaining({ kind: 'Namespace', metadata: expect.objectContaining({ name: 'shop' }) }),
      expect.objectContaining({ kind: 'Namespace', metadata: expect.objectContaining({ name: 'shop' }) }),
    ]);
  });

  it('has the form that each kind asks for, whatever the world', () => {
    fc.assert(
      fc.property(arbitraryWorld, (any) => {
        const topology = buildTopology(snapshotOf(any));
        for (const name of Object.keys(topology.domains))
          for (const object of parsed(nsmExport(topology, name).files)) expectSound(object);
      }),
    );
  });

  it('has the same bytes whatever the order of clusters and objects', () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.infiniteStream(fc.nat()), (any, stream) => {
        const snapshot = snapshotOf(any);
        const shuffled: Snapshot = {
          clusters: shuffle(snapshot.clusters, stream).map((cluster) => ({
            ...cluster,
            objects: shuffle(cluster.objects, stream),
          })),
        };
        const [before, after] = [buildTopology(snapshot), buildTopology(shuffled)];
        for (const name of Object.keys(before.domains))
          expect(nsmExport(after, name)).toEqual(nsmExport(before, name));
      }),
    );
  });
});

describe('what Network Service Mesh cannot express is refused', () => {
  it.each([
    ['an IPv4 prefix longer than /16', exportRed({ prefixes: ['10.81.0.0/20'] }), ['nsm-prefix']],
    ['an IPv6 prefix longer than /64', exportRed({ prefixes: ['fd00:81::/80'] }), ['nsm-prefix']],
    ['an MTU', exportEdited('Domain', { mtuBytes: 1400 }), ['nsm-mtu']],
    [
      'a label selector',
      exportEdited('Membership', { selector: { matchLabels: { app: 'a' } } }),
      ['nsm-selector'],
    ],
    ['a bare pod', exportRed({ kind: 'Pod' }), ['nsm-bare-pod']],
    ['more members than endpoints have addresses', exportRed({ replicas: 70_000 }), ['addresses-exhausted']],
    ['a workload that uses NSM already', exportAnnotated('kernel://other/nsm-1'), ['nsm-annotated']],
    ['an annotation that cannot be read', exportAnnotated('what'), ['nsm-annotated']],
  ])('%s', (_name, exported, codes) => {
    expect([...new Set(exported.refusals.map(({ code }) => code))]).toEqual(codes);
    expect(exported.files).toEqual([]);
  });

  it('not the annotation that an export made before', () => {
    expect(exportAnnotated('kernel://red@my.east/ns-red').refusals).toEqual([]);
  });

  it('a domain that is not there, whatever its name', () => {
    for (const name of ['blue', '__proto__', 'constructor'])
      expect(nsmExport(buildTopology(snapshotOf(world())), name).refusals[0]?.code).toBe('domain-not-found');
  });
});

describe('a plan', () => {
  const snapshot = edited(snapshotOf(world()), (object) =>
    object.kind === 'Domain' ? { ...object, spec: { ...(object['spec'] as object), target: 'nsm' } } : object,
  );

  it('is refused where it writes what Network Service Mesh should carry', () => {
    const plan = planChange({
      snapshot,
      intents: [{ kind: 'join-namespace', cluster: 'east', namespace: 'shop', domain: 'red' } as never],
    });
    expect(plan.refusals).toEqual([{ code: 'nsm-export-only', detail: 'the target of red is nsm' }]);
    expect(plan.steps).toHaveLength(1);
  });

  it('may take it away', () => {
    const plan = planChange({ snapshot, intents: [{ kind: 'delete-domain', domain: 'red' as never }] });
    expect([plan.refusals, plan.steps.length > 0]).toEqual([[], true]);
  });
});

describe('annotations that are found', () => {
  it.each([
    ['kernel://red@my.east/ns-red', { domain: 'red', isMember: true }],
    ['kernel://red/nsm-1', { isMember: false }],
    ['kernel://other@my.east?app=a', { isMember: false }],
    ['nonsense', { isMember: false, fault: expect.stringContaining('nonsense') }],
  ])('%s', (text, expected) => {
    const found = nsmClients(buildTopology(annotated(text)));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ from: 'workload', text, ...expected });
    expect(found[0]?.domain).toBe((expected as { domain?: string }).domain);
  });

  it('of a namespace count for its workloads', () => {
    const snapshot = edited(snapshotOf(world()), (object) =>
      object.kind === 'Namespace' && object.metadata.name === 'shop'
        ? {
            ...object,
            metadata: { ...object.metadata, annotations: { [NSM_ANNOTATION]: 'kernel://a/b,memif://c' } },
          }
        : object,
    );
    expect(
      nsmClients(buildTopology(snapshot)).map(({ from, request }) => `${from} ${request?.service}`),
    ).toEqual(['namespace a', 'namespace c', 'namespace a', 'namespace c']);
  });

  it('are read as they were written, and never throw', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
    const request = fc.record(
      {
        mechanism: fc.constantFrom('kernel' as const, 'memif' as const, 'vfio' as const),
        service: word,
        registry: word,
        interfaceName: word,
        labels: fc.dictionary(word, word, { noNullPrototype: true }),
      },
      { requiredKeys: ['mechanism', 'service', 'labels'] },
    );
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 4 }), (requests) => {
        expect(parseNsmAnnotation(writeNsmAnnotation(requests))).toEqual({ ok: true, value: requests });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseNsmAnnotation(text)));
  });
});

interface Of {
  readonly prefixes?: readonly string[];
  readonly clusters?: readonly string[];
  readonly kind?: 'Pod' | 'Deployment';
  readonly replicas?: number;
}

function world({
  prefixes = ['10.81.0.0/16'],
  clusters = ['east', 'west'],
  kind,
  replicas = 2,
}: Of = {}): World {
  const red: WorldDomain = { name: 'red', prefixes, clusters, allowedNamespaces: ['shop'] };
  return {
    programmed: false,
    domains: [red],
    clusters: clusters.map((name) => ({
      name,
      nNodes: 1,
      workloads: [
        {
          namespace: 'shop',
          name: `web-${name}`,
          domains: ['red'],
          replicas: kind === 'Pod' ? 1 : replicas,
          ...(kind && { kind }),
        },
      ],
    })),
  };
}

function twoDomains(): World {
  const one = world();
  return {
    ...one,
    domains: [...one.domains, { name: 'green', prefixes: ['10.82.0.0/16'], clusters: ['east', 'west'] }],
    clusters: one.clusters.map((cluster) => ({
      ...cluster,
      workloads: cluster.workloads.map((workload) => ({ ...workload, domains: ['red', 'green'] })),
    })),
  };
}

function exportRed(of: Of) {
  // an object for each of very many pods is not needed for a count
  const { replicas = 2, ...rest } = of;
  const snapshot = edited(snapshotOf(world(rest)), (object) =>
    object.kind === 'Deployment' ? { ...object, spec: { ...(object['spec'] as object), replicas } } : object,
  );
  return nsmExport(buildTopology(snapshot), 'red');
}

function exportEdited(kind: string, change: object) {
  const snapshot = edited(snapshotOf(world()), (object) => {
    if (object.kind !== kind) return object;
    const { workload: _, ...spec } = object['spec'] as Record<string, unknown>;
    return { ...object, spec: { ...spec, ...change } };
  });
  return nsmExport(buildTopology(snapshot), 'red');
}

function exportAnnotated(text: string) {
  return nsmExport(buildTopology(annotated(text)), 'red');
}

/** The sample with an annotation on the workload of the cluster that is not home. */
function annotated(text: string): Snapshot {
  return edited(snapshotOf(world()), (object) => {
    if (object.kind !== 'Deployment' || object.metadata.name !== 'web-west') return object;
    const metadata = { labels: { app: 'web-west' }, annotations: { [NSM_ANNOTATION]: text } };
    return { ...object, spec: { ...(object['spec'] as object), template: { metadata, spec: {} } } };
  });
}

function edited(snapshot: Snapshot, edit: (object: KubernetesObject) => KubernetesObject): Snapshot {
  return {
    clusters: snapshot.clusters.map((cluster) => ({ ...cluster, objects: cluster.objects.map(edit) })),
  };
}

type Files = ReturnType<typeof nsmExport>['files'];

function textOf(files: Files): string {
  return files.map(({ path, text }) => `# ${path}\n${text}`).join('---\n');
}

function parsed(files: Files): KubernetesObject[] {
  return files.flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS()));
}

function isClient(object: KubernetesObject): boolean {
  return JSON.stringify(object).includes(`"${NSM_ANNOTATION}"`);
}

function shuffle<Item>(items: readonly Item[], stream: fc.Stream<number>): Item[] {
  return items
    .map((item) => ({ item, at: stream.next().value }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Upstream's resource definition takes any spec; this is the message behind it (types.go, registry.proto). */
const zNetworkService = z.strictObject({
  apiVersion: z.literal('networkservicemesh.io/v1'),
  kind: z.literal('NetworkService'),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({ payload: z.enum(['IP', 'ETHERNET']) }),
});
const zEnv = z.strictObject({
  name: z.string().regex(/^[A-Z_]+$/),
  value: z.string().optional(),
  valueFrom: z.unknown().optional(),
});
const zNamed = z.looseObject({ name: z.string() });
const zDeploymentSpec = z.strictObject({
  replicas: z.number().int().positive(),
  selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
  template: z.strictObject({
    metadata: z.strictObject({
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
    spec: z.strictObject({
      containers: z.array(
        z.looseObject({
          name: z.string(),
          image: z.string(),
          env: z.array(zEnv),
          volumeMounts: z.array(zNamed),
        }),
      ),
      volumes: z.array(zNamed),
    }),
  }),
});

function expectSound(object: KubernetesObject): void {
  expect(object.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
  if (object.kind === 'NetworkService') zNetworkService.parse(object);
  if (isClient(object)) {
    const value = JSON.stringify(object).split(`"${NSM_ANNOTATION}":"`)[1]?.split('"')[0] ?? '';
    const read = parseNsmAnnotation(value);
    expect(read.ok).toBe(true);
    if (read.ok)
      for (const { interfaceName = '' } of read.value) expect(interfaceName.length).toBeLessThan(16);
    return;
  }
  if (object.kind !== 'Deployment') return;
  const { selector, template } = zDeploymentSpec.parse(object['spec']);
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  for (const { env, volumeMounts } of template.spec.containers) {
    expect(volumeMounts.map(({ name }) => name)).toEqual(template.spec.volumes.map(({ name }) => name));
    const names = env.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // a reference is replaced only by what stands before it
    for (const [index, { value = '' }] of env.entries())
      for (const [, name = ''] of value.matchAll(/\$\(([A-Z_]+)\)/g))
        expect(names.slice(0, index)).toContain(name);
  }
}
