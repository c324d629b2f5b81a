import { describe, expect, test } from 'vitest';
import { maxNesting } from '../nesting.ts';
import { applyDefaults } from '../default.ts';
import { cloneJson, equalJson, type JsonObject } from '../json.ts';
import { prune } from '../prune.ts';
import type { StructuralSchema } from '../structural-schema.ts';
import { validate } from '../validate.ts';
import type { BuiltinKind } from './builtin-kind.ts';
import { formatDuration } from './printer-column.ts';
import { builtinKinds, findBuiltinKind, findBuiltinResource } from './registry.ts';

const nowMs = Date.UTC(2026, 0, 2);

/** The least that each kind takes, and what `kubectl get` shows of it. */
const samples: Record<string, { object: JsonObject; row: unknown[] }> = {
  ConfigMap: { object: { data: { a: '1', __proto__x: '2' } }, row: ['a', 2, '24h'] },
  Endpoints: {
    object: { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
    row: ['a', '10.0.0.1:80', '24h'],
  },
  Event: {
    object: {
      involvedObject: { kind: 'Pod', name: 'p' },
      reason: 'R',
      message: 'M',
      type: 'Normal',
      lastTimestamp: '2026-01-01T23:59:00Z',
    },
    row: ['60s', 'Normal', 'R', 'pod/p', 'M'],
  },
  Namespace: { object: {}, row: ['a', 'Active', '24h'] },
  Node: {
    object: {
      metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } },
    },
    row: ['a', 'Ready,SchedulingDisabled', 'worker', '24h', 'v1'],
  },
  Pod: {
    object: {
      spec: { containers: [{ name: 'c', image: 'i' }] },
      status: {
        phase: 'Running',
        containerStatuses: [{ name: 'c', ready: true, restartCount: 2, image: 'i', imageID: '' }],
      },
    },
    row: ['a', '1/1', 'Running', '2', '24h'],
  },
  Secret: { object: { stringData: { k: 'v' } }, row: ['a', 'Opaque', 1, '24h'] },
  Service: {
    object: { spec: { ports: [{ port: 80, nodePort: 30080 }], clusterIP: '10.0.0.1' } },
    row: ['a', 'ClusterIP', '10.0.0.1', '<none>', '80:30080/TCP', '24h'],
  },
  ServiceAccount: { object: {}, row: ['a', 0, '24h'] },
  ValidatingAdmissionPolicy: {
    object: { spec: { validations: [{ expression: 'true' }] } },
    row: ['a', 1, '<unset>', '24h'],
  },
  ValidatingAdmissionPolicyBinding: {
    object: { spec: { policyName: 'p' } },
    row: ['a', 'p', '<unset>', '24h'],
  },
  CustomResourceDefinition: {
    object: {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    },
    row: ['widgets.example.com', '2026-01-01T00:00:00Z'],
  },
  ControllerRevision: {
    object: {
      revision: 3,
      metadata: {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true },
        ],
      },
    },
    row: ['a', 'daemonset.apps/d', 3, '24h'],
  },
  DaemonSet: { object: { spec: workload() }, row: ['a', 0, 0, 0, 0, 0, '<none>', '24h'] },
  Deployment: { object: { spec: workload() }, row: ['a', '0/1', 0, 0, '24h'] },
  ReplicaSet: { object: { spec: workload() }, row: ['a', 1, 0, 0, '24h'] },
  StatefulSet: { object: { spec: workload() }, row: ['a', '0/1', '24h'] },
  Lease: { object: { spec: { holderIdentity: 'h' } }, row: ['a', 'h', '24h'] },
  EndpointSlice: {
    object: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
    row: ['a', 'IPv4', '80', '10.0.0.1', '24h'],
  },
  IPAddress: {
    object: {
      metadata: { name: '10.0.0.1' },
      spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } },
    },
    row: ['10.0.0.1', 'services/n/s', '24h'],
  },
  NetworkPolicy: { object: { spec: { podSelector: { matchLabels: { a: 'b' } } } }, row: ['a', 'a=b', '24h'] },
  PodDisruptionBudget: { object: { spec: { minAvailable: '50%' } }, row: ['a', '50%', 'N/A', 0, '24h'] },
  ClusterRole: {
    object: { rules: [{ verbs: ['*'], nonResourceURLs: ['/healthz'] }] },
    row: ['a', '2026-01-01T00:00:00Z'],
  },
  Role: {
    object: { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
    row: ['a', '2026-01-01T00:00:00Z'],
  },
  ClusterRoleBinding: {
    object: { roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] },
    row: ['a', 'ClusterRole/r', '24h'],
  },
  RoleBinding: {
    object: {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 'n' }],
    },
    row: ['a', 'Role/r', '24h'],
  },
  PriorityClass: { object: { value: 1000 }, row: ['a', 1000, false, '24h', 'PreemptLowerPriority'] },
};

function workload(): JsonObject {
  return {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:latest' }] } },
  };
}

function complete(kind: BuiltinKind, sample: JsonObject): JsonObject {
  const object = cloneJson({
    ...sample,
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name: 'a',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(sample['metadata'] as JsonObject | undefined),
    },
  });
  applyDefaults(kind.schema, object);
  kind.complete?.(object);
  return object;
}

function errorsOf(kind: BuiltinKind, object: JsonObject, old?: JsonObject): string[] {
  return [...validate(kind.schema, object), ...(kind.check?.(object, old) ?? [])].map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

describe.each(
  builtinKinds.filter(({ group }) => group !== 'events.k8s.io').map((kind) => [kind.kind, kind] as const),
)('%s', (name, kind) => {
  const { object: sample, row } = samples[name]!;

  test('is found by kind and by resource', () => {
    expect(findBuiltinKind(kind.group, kind.version, kind.kind)).toBe(kind);
    expect(findBuiltinResource(kind.group, kind.version, kind.plural)).toBe(kind);
  });

  test('in its least form is completed, known and fine', () => {
    const object = complete(kind, sample);
    expect(prune(kind.schema, object).unknownFields).toEqual([]);
    expect(errorsOf(kind, object)).toEqual([]);
    expect(errorsOf(kind, object, object)).toEqual([]);
  });

  test('is completed once and for all', () => {
    const object = complete(kind, sample);
    const again = cloneJson(object);
    applyDefaults(kind.schema, again);
    kind.complete?.(again);
    expect(equalJson(again, object)).toBe(true);
  });

  test('has the columns of kubectl get', () => {
    const object = complete(kind, sample);
    expect(
      kind.columns.filter(({ priority }) => priority === 0).map(({ cell }) => cell(object, nowMs)),
    ).toEqual(row);
    for (const { cell } of kind.columns) expect(() => cell({}, nowMs)).not.toThrow();
  });

  test('has list maps whose keys are fields of their items', () => {
    visit(kind.schema, (schema) => {
      for (const key of [
        ...(schema.listMapKeys ?? []),
        ...(schema.patchMergeKey === undefined ? [] : [schema.patchMergeKey]),
      ]) {
        expect(Object.keys(schema.items?.properties ?? {})).toContain(key);
      }
    });
  });
});

describe('built-in kinds', () => {
  test('are found only by their own names', () => {
    expect(findBuiltinKind('', 'v1', 'constructor')).toBeUndefined();
    expect(findBuiltinResource('apps', 'v1', 'pods')).toBeUndefined();
  });

  test('refuse a selector that does not match the template, and a change of it', () => {
    const kind = findBuiltinKind('apps', 'v1', 'Deployment')!;
    const object = complete(kind, { spec: workload() });
    const other = complete(kind, { spec: { ...workload(), selector: { matchLabels: { a: 'c' } } } });
    expect(errorsOf(kind, other)).toEqual([
      'spec.template.metadata.labels: Invalid value: map[string]string{"a":"b"}: `selector` does not match template `labels`',
    ]);
    expect(errorsOf(kind, object, other)).toEqual([
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"a":"b"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    ]);
  });

  test('give a pod what Kubernetes gives it', () => {
    const kind = findBuiltinKind('', 'v1', 'Pod')!;
    const object = complete(kind, {
      spec: {
        serviceAccountName: 's',
        volumes: [{ name: 'v' }],
        containers: [
          { name: 'c', image: 'i:1', resources: { limits: { cpu: '1' } } },
          { name: 'd', image: 'i' },
        ],
      },
    });
    expect(object['spec']).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      serviceAccount: 's',
      securityContext: {},
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        { imagePullPolicy: 'IfNotPresent', resources: { requests: { cpu: '1' } } },
        { imagePullPolicy: 'Always', resources: {} },
      ],
    });
  });

  test('refuse a pod that no node could run, in Kubernetes words', () => {
    const kind = findBuiltinKind('', 'v1', 'Pod')!;
    const object = complete(kind, {
      spec: {
        containers: [
          { name: 'C', image: '' },
          {
            name: 'd',
            image: 'i',
            volumeMounts: [{ name: 'none', mountPath: '/x' }],
            ports: [{ containerPort: 70_000 }],
          },
        ],
      },
    });
    expect(errorsOf(kind, object)).toEqual([
      expect.stringMatching(/^spec\.containers\[0\]\.name: Invalid value: "C": a lowercase RFC 1123 label/),
      'spec.containers[0].image: Required value',
      'spec.containers[1].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[1].volumeMounts[0].name: Not found: "none"',
    ]);
  });

  test('let images of a pod change, and not where it runs, which a binding says', () => {
    const kind = findBuiltinKind('', 'v1', 'Pod')!;
    const object = complete(kind, samples['Pod']!.object);
    const updated = cloneJson(object);
    ((updated['spec'] as JsonObject)['containers'] as JsonObject[])[0]!['image'] = 'other:2';
    expect(errorsOf(kind, updated, object)).toEqual([]);
    const placed = cloneJson(object);
    (placed['spec'] as JsonObject)['nodeName'] = 'n';
    expect(errorsOf(kind, placed, object)).toEqual([
      expect.stringMatching(/^spec: Forbidden: pod updates may not change fields other than/),
    ]);
  });

  test('keep what is immutable in ConfigMaps and Secrets', () => {
    const kind = findBuiltinKind('', 'v1', 'ConfigMap')!;
    const old = complete(kind, { data: { a: '1' }, immutable: true });
    const object = complete(kind, { data: { a: '2' }, immutable: true });
    expect(errorsOf(kind, object, old)).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(complete(findBuiltinKind('', 'v1', 'Secret')!, { stringData: { k: 'v' } })['data']).toEqual({
      k: 'dg==',
    });
  });

  test('refuse a definition whose name, versions or schema are wrong', () => {
    const kind = findBuiltinKind('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')!;
    const sample = cloneJson(samples['CustomResourceDefinition']!.object);
    const spec = sample['spec'] as JsonObject;
    spec['versions'] = [
      { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { properties: { spec: {} } } } },
    ];
    spec['group'] = 'local';
    expect(errorsOf(kind, complete(kind, sample))).toEqual([
      'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "local": should be a domain with at least one dot',
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      'spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root',
      'spec.versions: Invalid value: []string{"v1"}: must have exactly one version marked as storage version',
    ]);
  });

  test('nest far less deep than the server lets objects nest', () => {
    for (const kind of builtinKinds) expect(depthOf(kind.schema)).toBeLessThan(maxNesting / 2);
  });
});

test.each([
  [5_000, '5s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [200_000, '3m20s'],
  [3 * 3_600_000 + 60_000, '3h1m'],
  [30 * 3_600_000, '30h'],
  [5 * 86_400_000 + 3_600_000, '5d1h'],
  [100 * 86_400_000, '100d'],
  [3 * 365 * 86_400_000, '3y'],
  [-5_000, '<invalid>'],
])('%i ms are %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

function visit(schema: StructuralSchema, look: (schema: StructuralSchema) => void): void {
  look(schema);
  if (schema.items) visit(schema.items, look);
  if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, look);
  for (const property of Object.values(schema.properties ?? {})) visit(property, look);
}

function depthOf(schema: StructuralSchema): number {
  const below = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])];
  return 1 + Math.max(0, ...below.map(depthOf));
}
