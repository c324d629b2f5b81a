import { mkdtemp, rm } from 'node:fs/promises';
import { connect as tlsConnect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedServer } from '../../src/server/start-server.ts';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { Api } from '../conformance/api.ts';
import { configMap, definition } from '../conformance/objects.ts';

/** Words that lead somewhere in this server, so that nonsense gets past the first turn. */
const WORDS = [
  'api',
  'apis',
  'v1',
  'apps',
  'namespaces',
  'default',
  'pods',
  'configmaps',
  'deployments',
  'status',
  'scale',
  'log',
  'proxy',
  'binding',
  'eviction',
  'token',
  'finalize',
  'widgets',
  'example.com',
  'openapi',
  'v3',
  'one',
  'watch',
  '..',
  '%2e%2e',
  '%',
  '%zz',
  '',
  'constructor',
  '__proto__',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];
const QUERY = [
  'watch=1&timeoutSeconds=1',
  'limit=-1',
  'limit=x',
  'continue=e30',
  'labelSelector=a in (',
  'fieldSelector=metadata.name',
  'resourceVersion=x',
  'resourceVersion=99999999999',
  'dryRun=All',
  'dryRun=x',
  'fieldManager=f&force=true',
  'fieldValidation=Strict',
  'sendInitialEvents=true',
  'propagationPolicy=x',
  'timeoutSeconds=1e9',
  'includeObject=Object',
];
const TYPES = [
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
];
const ACCEPTS = [
  'application/json',
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/yaml',
  'text/html',
  ';;;,,,',
];

const path = fc
  .array(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.webSegment() }),
    { maxLength: 9 },
  )
  .map((words) => `/${words.join('/')}`);
const json = fc.oneof(
  fc.json(),
  fc
    .record(
      {
        apiVersion: fc.constantFrom('v1', 'apps/v1', 'example.com/v1', ''),
        kind: fc.constantFrom('ConfigMap', 'Pod', 'Deployment', 'Widget', 'Status', ''),
        metadata: fc.jsonValue(),
        spec: fc.jsonValue(),
        data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  fc
    .array(
      fc.record(
        {
          op: fc.constantFrom('add', 'remove', 'test', 'copy', 'move', 'x'),
          path: fc.constantFrom('/metadata', '/metadata/name', '/spec/-', '', '/~2', '/metadata/labels/a'),
          value: fc.jsonValue(),
          from: fc.constantFrom('/metadata', ''),
        },
        { requiredKeys: [] },
      ),
    )
    .map((value) => JSON.stringify(value)),
);
const body = fc.oneof(
  { weight: 6, arbitrary: json },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')) },
);

describe('the HTTP front', () => {
  let dataDir: string;
  let server: EmbeddedServer;
  let api: Api;
  const internalErrors: unknown[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flatland-fuzz-'));
    server = await startEmbeddedServer({
      dataDir,
      clusterName: 'fuzz',
      onError: (error) => internalErrors.push(error),
    });
    api = new Api({
      url: server.url,
      caCertPem: server.caCertPem,
      token: server.adminToken,
      hasControllers: true,
      close: server.close,
    });
    await api.create('/api/v1/namespaces/default/configmaps', configMap('one'));
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    };
    await api.create(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition('widgets', 'Widget', schema),
    );
  });

  afterAll(async () => {
    api.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  it(
    'answers every request with a Status or what was asked for, never with an internal error',
    { timeout: 120_000 },
    async () => {
      const request = fc.record({
        method: fc.constantFrom(...METHODS),
        path,
        query: fc.array(fc.constantFrom(...QUERY), { maxLength: 3 }),
        type: fc.constantFrom(...TYPES),
        accept: fc.constantFrom(...ACCEPTS),
        body: fc.option(body),
      });
      await fc.assert(
        fc.asyncProperty(request, async ({ method, path: where, query, type, accept, body: content }) => {
          const url = encodeURI(`${where}${query.length > 0 ? `?${query.join('&')}` : ''}`).replaceAll(
            '%25',
            '%',
          );
          const answer = await api.send(method, url, {
            headers: { accept },
            ...(content !== null && method !== 'TRACE' && { body: content, contentType: type }),
          });
          expect(answer.code).toBeGreaterThanOrEqual(200);
          if (answer.code >= 400 && method !== 'HEAD') expect(answer.text).toContain('Status');
          expect(internalErrors).toEqual([]);
          // 500 is only for what Kubernetes itself answers so: a configuration that does not fit the schema.
          if (answer.code === 500) expect(answer.text).toContain('failed to create typed patch object');
        }),
        { numRuns: Number(process.env['FLATLAND_FUZZ_RUNS'] ?? 300) },
      );
      expect((await api.get('/readyz')).text).toBe('ok');
    },
  );

  it('takes any bytes for a protobuf body', { timeout: 60_000 }, async () => {
    const envelope = fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) => Buffer.concat([Buffer.from('k8s\0'), Buffer.from(bytes)]));
    await fc.assert(
      fc.asyncProperty(envelope, async (bytes) => {
        const { code } = await api.send('POST', '/api/v1/namespaces/default/configmaps', {
          body: bytes.toString('latin1'),
          contentType: 'application/vnd.kubernetes.protobuf',
        });
        expect([400, 415, 422]).toContain(code);
        expect(internalErrors).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['JSON nested 100,000 deep', 'application/json', '['.repeat(100_000)],
    ['an object nested 100,000 deep', 'application/json', '{"a":'.repeat(100_000)],
    ['YAML nested deep in flow style', 'application/yaml', `a: ${'['.repeat(10_000)}`],
    [
      'YAML nested deep by indentation',
      'application/yaml',
      Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ],
    ['a YAML alias bomb', 'application/yaml', aliasBomb()],
    ['YAML with a repeated key', 'application/yaml', 'a: 1\na: 2\n'],
  ])('refuses %s quickly', async (_what, contentType, text) => {
    const begin = performance.now();
    const { code } = await api.send('POST', '/api/v1/namespaces/default/configmaps', {
      body: text,
      contentType,
    });
    expect([400, 413]).toContain(code);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('lives on after garbage on the wire', async () => {
    for (const bytes of [
      '\0\0\0\0',
      'GET',
      'GET / HTTP/1.1\r\nHost',
      `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(50_000)}\r\n`,
      'POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nab',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = tlsConnect({ port: server.port, host: '127.0.0.1', ca: server.caCertPem }, () => {
          socket.write(bytes);
          setTimeout(() => socket.destroy(), 30);
        });
        socket.on('close', () => resolve());
        socket.on('error', () => resolve());
      });
    }
    expect((await api.get('/readyz')).text).toBe('ok');
    expect(internalErrors).toEqual([]);
  });

  it('does not let keys of prototypes through', async () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","__proto__":{"labels":{"x":"y"}}},"data":{"__proto__":"x","constructor":"y"}}';
    const { code, body: made } = await api.send('POST', '/api/v1/namespaces/default/configmaps', {
      body: text,
    });
    expect([201, 422]).toContain(code);
    expect(made.metadata?.labels).toBeUndefined();
    expect(({} as Record<string, unknown>)['labels']).toBeUndefined();
  });
});

function aliasBomb(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
  for (let level = 1; level < 12; level++)
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(',')}]`,
    );
  return lines.join('\n');
}
