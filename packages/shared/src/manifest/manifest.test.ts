import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customResourceDefinitions } from './crd/custom-resource-definition.ts';
import { installManifests } from './install/install-manifests.ts';
import { parseManifests } from './parse-manifests.ts';
import { stableYaml } from './stable-yaml.ts';

const IMAGES = {
  agent: 'flatland.dev/agent:1',
  forwarder: 'flatland.dev/forwarder:1',
  controller: 'flatland.dev/controller:1',
};

describe('custom resource definitions', () => {
  it('keep their bytes', async () => {
    await expect(customResourceDefinitions().map(stableYaml).join('---\n')).toMatchFileSnapshot(
      './__snapshots__/crds.yaml',
    );
  });

  it('describe every field of a Domain and of a Membership, for kubectl explain', () => {
    const undescribed = customResourceDefinitions()
      .filter((crd) => ['domains.flatland.dev', 'memberships.flatland.dev'].includes(crd.metadata.name))
      .flatMap((crd) => missingDescriptions(crd['spec'], crd.metadata.name));
    expect(undescribed).toEqual([]);
  });
});

describe('what is installed', () => {
  const manifests = installManifests({ cluster: 'aws-east', images: IMAGES });

  it('keeps its bytes', async () => {
    const without = manifests.filter((object) => object.kind !== 'CustomResourceDefinition');
    await expect(without.map(stableYaml).join('---\n')).toMatchFileSnapshot('./__snapshots__/install.yaml');
  });

  it('asks for no wildcard and lists no secrets', () => {
    const rules = manifests.flatMap((object) => (Array.isArray(object['rules']) ? object['rules'] : []));
    expect(rules.length).toBeGreaterThan(5);
    expect(JSON.stringify(rules)).not.toContain('*');
    const ofSecrets = rules.filter((rule) => rule.resources.includes('secrets'));
    expect(ofSecrets.map(({ verbs, resourceNames }) => [verbs, resourceNames])).toEqual([
      [['get'], undefined],
      [['patch'], ['flatland-links']],
    ]);
    const ofTokens = rules.filter((rule) => rule.resources.includes('serviceaccounts/token'));
    expect(ofTokens.map(({ verbs, resourceNames }) => [verbs, resourceNames])).toEqual([
      [['create'], ['flatland-link']],
    ]);
  });
});

describe('what runs on a real cluster', () => {
  interface PodSpec {
    readonly hostPID?: boolean;
    readonly volumes?: { readonly hostPath: { readonly path: string } }[];
    readonly containers: (Readonly<Record<string, unknown>> & {
      readonly securityContext: Readonly<Record<string, unknown>>;
    })[];
  }
  const pods = installManifests({ cluster: 'aws-east', images: IMAGES }).flatMap((object) => {
    const spec = object['spec'] as { template?: { spec: PodSpec } } | undefined;
    return ['DaemonSet', 'Deployment'].includes(object.kind) ? [spec!.template!.spec] : [];
  });
  const containers = pods.flatMap((pod) => pod.containers);

  it('sees of the host only what it needs', () => {
    expect(pods).toHaveLength(3);
    const paths = pods.flatMap((pod) => pod.volumes ?? []).map((volume) => volume.hostPath.path);
    expect(new Set(paths)).toEqual(new Set(['/dev/net/tun', '/run', '/var/lib/flatland']));
    for (const pod of pods) expect(pod.hostPID ?? false).toBe(false);
  });

  it('is limited, confined, and of a named image', () => {
    expect(containers).toHaveLength(3);
    for (const { name, image, resources, securityContext } of containers) {
      expect(image).toMatch(/:[\w.-]+$|@sha256:[0-9a-f]{64}$/);
      expect(resources).toMatchObject({ requests: {}, limits: { memory: expect.any(String) } });
      expect(securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      // Kubernetes lets mounts of a container reach its node only where it is privileged.
      expect(securityContext['privileged'] ?? false).toBe(name === 'agent');
      if (name !== 'agent') expect(securityContext['capabilities']).toMatchObject({ drop: ['ALL'] });
    }
  });

  it('is probed, but for the forwarder, whose restart would cut packets', () => {
    const probed = containers.filter(
      (each) => each['startupProbe'] && each['livenessProbe'] && each['readinessProbe'],
    );
    expect(probed.map((each) => each['name'])).toEqual(['agent', 'controller']);
  });
});

describe('YAML', () => {
  it('has the same bytes whatever the order of keys', () => {
    expect(stableYaml({ spec: { b: 1, a: [2] }, kind: 'X', apiVersion: 'v1' })).toBe(
      stableYaml({ apiVersion: 'v1', kind: 'X', spec: { a: [2], b: 1 } }),
    );
  });

  it('is read back as it was', () => {
    const object = fc.record({
      apiVersion: fc.string(),
      kind: fc.string(),
      metadata: fc.record({ name: fc.string() }),
      spec: fc.jsonValue(),
    });
    fc.assert(
      fc.property(object, (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as typeof value;
        fc.pre(!JSON.stringify(plain).includes('__proto__') && plain.kind !== 'List');
        expect(parseManifests(stableYaml(plain))).toEqual({ ok: true, value: [plain] });
      }),
    );
  });

  const bomb = [
    'a: &a ["x","x","x","x","x","x","x","x","x"]',
    ...'bcdefghi'
      .split('')
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
  ].join('\n');
  it.each([
    ['aliases that multiply', bomb, /alias/],
    ['deep nesting', '['.repeat(5000), /nests more than 64 levels/],
    ['more than a mebibyte', `a: ${'x'.repeat(1024 * 1024)}`, /at most/],
    ['duplicate keys', 'apiVersion: v1\nkind: X\nkind: Y\n', /unique/],
    ['text that is no object', 'just text', /not a Kubernetes object/],
    ['broken syntax, with its place', 'a: [1, 2', /line 1/],
  ])('refuses %s', (_name, text, message) => {
    const parsed = parseManifests(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error).toMatch(message);
  });

  it('never throws and never pollutes, on any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', '{', '&', '*', '__proto__', '|', '"'),
        }),
        (text) => void parseManifests(text),
      ),
    );
    parseManifests('apiVersion: v1\nkind: X\nmetadata: {name: x}\n__proto__: {polluted: true}\n');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

function missingDescriptions(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (key !== 'properties') return missingDescriptions(value, `${path}.${key}`);
    return Object.entries(value as Record<string, { description?: string }>).flatMap(([name, property]) => [
      ...(property.description === undefined && !path.includes('conditions') && name !== 'metadata'
        ? [`${path}.${name}`]
        : []),
      ...missingDescriptions(property, `${path}.${name}`),
    ]);
  });
}
