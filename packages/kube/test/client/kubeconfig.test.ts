import { readFileSync, readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { KUBECONFIG_REFUSALS, kubeconfigRefusalText } from '../../src/client/kubeconfig/refusal.ts';
import { readKubeconfig } from '../../src/client/kubeconfig/read-kubeconfig.ts';
import { makeCertificates } from '../../src/testing/certificates.ts';
import { config, hostileKubeconfigs } from './kubeconfig-corpus.ts';

const certificates = await makeCertificates();
const corpus = hostileKubeconfigs(certificates);
const base64 = (text: string) => Buffer.from(text).toString('base64');

function reasonsOf(text: string): string[] {
  const file = readKubeconfig(text);
  if (!file.ok) return file.error.map(({ reason }) => reason).sort();
  const connection = file.value.contexts[0]?.connection;
  return connection === undefined || connection.ok ? [] : connection.error.map(({ reason }) => reason).sort();
}

test.each(corpus)('refused: $name', ({ text, reasons }) => {
  expect(reasonsOf(text)).toEqual(reasons);
});

test('the corpus has at least 100 files and covers every reason', () => {
  const covered = new Set(corpus.flatMap(({ reasons }) => reasons));
  expect(corpus.length).toBeGreaterThanOrEqual(100);
  expect(Object.keys(KUBECONFIG_REFUSALS).filter((reason) => !covered.has(reason as never))).toEqual([
    'too-many-entries',
  ]);
});

test('a file of more than 1000 users is refused', () => {
  const users = Array.from({ length: 1001 }, (_, i) => ({ name: `u${i}`, user: { token: 'x' } }));
  expect(reasonsOf(JSON.stringify({ apiVersion: 'v1', kind: 'Config', users }))).toEqual([
    'too-many-entries',
  ]);
});

test('a kubeconfig with a token is read', () => {
  const file = readKubeconfig(
    `
apiVersion: v1
kind: Config
preferences: {}
current-context: b
clusters:
- name: east
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority-data: ${base64(certificates.caPem)}
    tls-server-name: kubernetes
    insecure-skip-tls-verify: false
    extensions: [{name: x, extension: {exec: never}}]
users:
- name: admin
  user: {token: secret-token}
contexts:
- name: b
  context: {cluster: east, user: admin, namespace: shop}
- name: a
  context: {cluster: east, user: admin}
`,
    { addressPolicy: localAddressPolicy },
  );
  expect(file.ok && file.value.currentContext).toBe('b');
  expect(file.ok && file.value.contexts).toMatchObject([
    { name: 'a', namespace: 'default' },
    {
      name: 'b',
      namespace: 'shop',
      connection: {
        ok: true,
        value: {
          cluster: 'b',
          server: 'https://127.0.0.1:6443',
          caPem: certificates.caPem,
          tlsServerName: 'kubernetes',
          credential: { kind: 'token' },
        },
      },
    },
  ]);
  const context = file.ok ? file.value.contexts[1] : undefined;
  const credential = context?.connection.ok ? context.connection.value.credential : undefined;
  expect(credential?.kind === 'token' && credential.token.reveal()).toBe('secret-token');
});

test('a kubeconfig with a client certificate is read', () => {
  const text = config({
    cluster: { server: 'https://api.example' },
    user: {
      'client-certificate-data': base64(certificates.certificatePem),
      'client-key-data': base64(certificates.keyPem),
    },
    context: { cluster: 'c', user: 'u' },
  });
  expect(readKubeconfig(text)).toMatchObject({
    ok: true,
    value: {
      contexts: [{ connection: { ok: true, value: { credential: { kind: 'client-certificate' } } } }],
    },
  });
});

test('one bad context leaves the others usable', () => {
  const text = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://api.example"}}]
users: [{name: good, user: {token: t}}, {name: bad, user: {exec: {command: sh}}}]
contexts: [{name: x, context: {cluster: c, user: bad}}, {name: y, context: {cluster: c, user: good}}]
`;
  expect(readKubeconfig(text)).toMatchObject({
    value: {
      contexts: [
        { name: 'x', connection: { ok: false, error: [{ reason: 'exec', where: 'users[1].user.exec' }] } },
        { name: 'y', connection: { ok: true } },
      ],
    },
  });
});

test('no secret is in what a reading prints, or in a refusal', () => {
  for (const { text } of corpus) {
    const file = readKubeconfig(text);
    const printed = `${inspect(file, { depth: 20 })} ${JSON.stringify(file)}`;
    expect(printed).not.toContain('canary-token');
    expect(printed).not.toContain('hunter2');
    expect(printed).not.toContain('BEGIN PRIVATE KEY');
  }
});

test('every refusal says what is wrong and what to do', () => {
  expect(kubeconfigRefusalText({ reason: 'exec', where: 'users[0].user.exec' })).toBe(
    'users[0].user.exec: The user runs a program to log in, and no program from a kubeconfig is ever run. ' +
      'Make a service account token: kubectl create token NAME',
  );
  for (const { text, next } of Object.values(KUBECONFIG_REFUSALS)) {
    expect(text).toMatch(/^\S.*[^.]$/);
    expect(next).toMatch(/^\S.*[^.]$/);
  }
});

test('the reader can start nothing and open nothing: it imports no such module', () => {
  const folder = new URL('../../src/client/kubeconfig/', import.meta.url);
  const imported = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  expect([...new Set(imported)].sort()).toEqual([
    '@flatland/shared/result',
    'node:crypto',
    'node:net',
    'yaml',
  ]);
});

test('any text at all is read or refused without a throw, and quickly', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), mutatedConfig()), (text) => {
      const file = readKubeconfig(text);
      expect(typeof file.ok).toBe('boolean');
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

function mutatedConfig(): fc.Arbitrary<string> {
  const texts = corpus.map(({ text }) => text).filter((text) => text.length < 20_000);
  return fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.string({ maxLength: 8 }), fc.nat(20))
    .map(([text, position, inserted, nCut]) => {
      const at = position % (text.length + 1);
      return text.slice(0, at) + inserted + text.slice(at + nCut);
    });
}
