/**
 * What one write costs before storage: defaults, pruning, validation and field management of a pod with two containers
 * and a custom resource. Prints microseconds of processor time for each step, which other programs on the machine do
 * not lengthen, and the writes a second that one core could do.
 *
 *   node packages/kube/bench/objects.ts [seconds for each step]
 */
import { performance } from 'node:perf_hooks';
import { objectTypeOf } from '../src/server/patch/object-type.ts';
import { applyServerSide, updateManagedFields, type Writer } from '../src/server/patch/server-side-apply.ts';
import { findBuiltinKind } from '../src/server/schema/builtin/registry.ts';
import { checkObjectMeta } from '../src/server/schema/check-object-meta.ts';
import { compileCrdSchema } from '../src/server/schema/compile-crd-schema.ts';
import { applyDefaults } from '../src/server/schema/default.ts';
import { cloneJson, isJsonObject, type JsonObject } from '../src/server/schema/json.ts';
import { maxNesting, nestsDeeper } from '../src/server/schema/nesting.ts';
import { prune } from '../src/server/schema/prune.ts';
import type { StructuralSchema } from '../src/server/schema/structural-schema.ts';
import { validate } from '../src/server/schema/validate.ts';

const secondsEach = Number(process.argv[2] ?? 1);

interface Subject {
  readonly name: string;
  readonly schema: StructuralSchema;
  readonly writer: Writer;
  readonly object: JsonObject;
  readonly complete: (object: JsonObject) => void;
}

for (const subject of [podSubject(), customSubject()]) report(subject);

function report({ name, schema, writer, object, complete }: Subject): void {
  const text = JSON.stringify(object);
  const whole = withDefaults(object);
  const stored = updateManagedFields(writer, undefined, whole);
  const changed = cloneJson(stored);
  const metadata = changed['metadata'];
  if (isJsonObject(metadata)) metadata['labels'] = { app: 'changed' };
  const config = {
    ...object,
    metadata: { ...(object['metadata'] as JsonObject), labels: { app: 'applied' } },
  };
  print(`${name}: ${text.length} bytes`);
  step('parse', () => JSON.parse(text) as JsonObject);
  step('nesting', () => nestsDeeper(object, maxNesting));
  step('copy', () => cloneJson(object));
  step('prune', () => prune(schema, object));
  step('copy and default', () => withDefaults(object));
  step('validate', () => validate(schema, whole));
  step('check metadata', () =>
    checkObjectMeta(whole['metadata'] as JsonObject, { nameRule: 'dns-subdomain', namespaced: true }),
  );
  step('managedFields of a create', () => updateManagedFields(writer, undefined, whole));
  step('managedFields of an update', () =>
    updateManagedFields({ ...writer, manager: 'other' }, stored, changed),
  );
  step('server-side apply', () =>
    applyServerSide({ ...writer, manager: 'applier' }, { live: stored, config, force: true }),
  );
  const create = () => {
    const copy = withDefaults(prune(schema, JSON.parse(text) as JsonObject).value as JsonObject);
    validate(schema, copy);
    checkObjectMeta(copy['metadata'] as JsonObject, { nameRule: 'dns-subdomain', namespaced: true });
    return updateManagedFields(writer, undefined, copy);
  };
  const microseconds = step('whole create', create);
  print(`  ${Math.round(1e6 / microseconds).toLocaleString('en')} creates a second\n`);

  function withDefaults(source: JsonObject): JsonObject {
    const copy = cloneJson(source);
    applyDefaults(schema, copy);
    complete(copy);
    return copy;
  }
}

function step(name: string, run: () => unknown): number {
  for (let count = 0; count < 2000; count++) run();
  const startMs = performance.now();
  const before = process.cpuUsage();
  let nRuns = 0;
  while (performance.now() - startMs < secondsEach * 1000) {
    for (let count = 0; count < 100; count++) run();
    nRuns += 100;
  }
  const used = process.cpuUsage(before);
  const microseconds = (used.user + used.system) / nRuns;
  print(`  ${name.padEnd(28)}${microseconds.toFixed(1).padStart(8)} µs`);
  return microseconds;
}

function podSubject(): Subject {
  const kind = findBuiltinKind('', 'v1', 'Pod')!;
  return {
    name: 'Pod',
    schema: kind.schema,
    writer: writerOf('v1', 'Pod', kind.schema),
    complete: kind.complete!,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'frontend-6d4cf56db6-x7k2p',
        namespace: 'shop',
        uid: '0a1b2c3d-1111-2222-3333-444455556666',
        generateName: 'frontend-6d4cf56db6-',
        labels: { app: 'frontend', 'pod-template-hash': '6d4cf56db6', tier: 'web' },
        annotations: { 'flatland.dev/restarted': '2026-01-01T00:00:00Z' },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'frontend-6d4cf56db6',
            uid: 'aaaa-bbbb',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        serviceAccountName: 'frontend',
        nodeName: 'node-1',
        containers: ['web', 'sidecar'].map((name) => ({
          name,
          image: `registry.example/${name}:1.2.3`,
          args: ['--listen=:8080', '--verbose'],
          ports: [
            { name: 'http', containerPort: 8080 },
            { name: 'metrics', containerPort: 9090 },
          ],
          env: [
            { name: 'MODE', value: 'production' },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/app' },
            { name: 'token', mountPath: '/var/run/secrets', readOnly: true },
          ],
        })),
        volumes: [
          { name: 'config', configMap: { name: 'frontend' } },
          {
            name: 'token',
            projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }] },
          },
        ],
        tolerations: [
          {
            key: 'node.kubernetes.io/not-ready',
            operator: 'Exists',
            effect: 'NoExecute',
            tolerationSeconds: 300,
          },
        ],
      },
    },
  };
}

function customSubject(): Subject {
  const compiled = compileCrdSchema({
    type: 'object',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        required: ['publicKey', 'blocks'],
        properties: {
          publicKey: { type: 'string', minLength: 44, maxLength: 44, pattern: '^[A-Za-z0-9+/]{43}=$' },
          mtuBytes: { type: 'integer', minimum: 1280, maximum: 65535, default: 1420 },
          blocks: { type: 'array', maxItems: 64, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          endpoints: {
            type: 'array',
            maxItems: 16,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['address', 'port'],
            items: {
              type: 'object',
              required: ['address', 'port'],
              properties: {
                address: { type: 'string' },
                port: { type: 'integer', minimum: 1, maximum: 65535 },
                source: { type: 'string', enum: ['configured', 'interface', 'seen'], default: 'interface' },
              },
            },
          },
        },
      },
    },
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return {
    name: 'Custom resource',
    schema: compiled.value,
    writer: writerOf('flatland.dev/v1alpha1', 'NodePeer', compiled.value),
    complete: () => {},
    object: {
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'NodePeer',
      metadata: {
        name: 'payments.node-1',
        namespace: 'flatland',
        labels: { 'flatland.dev/domain': 'payments' },
      },
      spec: {
        publicKey: 'HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=',
        blocks: ['10.77.0.0/28', '10.77.0.16/28', 'fd00:77::/124'],
        endpoints: [
          { address: '192.0.2.1', port: 51820, source: 'configured' },
          { address: '198.51.100.7', port: 51820, source: 'seen' },
          { address: '10.0.0.4', port: 51820 },
        ],
      },
    },
  };
}

function writerOf(apiVersion: string, kind: string, schema: StructuralSchema): Writer {
  return {
    type: objectTypeOf({ apiVersion, kind, schema }),
    manager: 'bench',
    hasStatus: true,
    nowMs: 1_700_000_000_000,
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
