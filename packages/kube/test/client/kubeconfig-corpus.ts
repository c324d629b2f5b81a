import { generateKeyPairSync } from 'node:crypto';
import type { KubeconfigReason } from '../../src/client/kubeconfig/refusal.ts';
import type { Certificates } from '../../src/testing/certificates.ts';

export type CorpusCase = {
  readonly name: string;
  readonly text: string;
  /** The reasons expected, sorted; of the file, or of its only context. */
  readonly reasons: readonly KubeconfigReason[];
};

type Parts = {
  cluster: Record<string, unknown>;
  user: Record<string, unknown>;
  context: Record<string, unknown>;
};

const TOKEN = 'canary-token-7f3a';

/** Kubeconfigs that must be refused, each for its own reason. */
export function hostileKubeconfigs(certificates: Certificates): CorpusCase[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const ca = base64(certificates.caPem);
  const good: Parts = {
    cluster: { server: 'https://api.example:6443', 'certificate-authority-data': ca },
    user: { token: TOKEN },
    context: { cluster: 'c', user: 'u' },
  };
  const server = (url: unknown, ...reasons: KubeconfigReason[]): CorpusCase => ({
    name: `server ${JSON.stringify(url)}`,
    text: config({ ...good, cluster: { ...good.cluster, server: url } }),
    reasons,
  });
  const cluster = (fields: Record<string, unknown>, ...reasons: KubeconfigReason[]): CorpusCase => ({
    name: `cluster ${Object.keys(fields).join(', ')} ${JSON.stringify(Object.values(fields)).slice(0, 40)}`,
    text: config({ ...good, cluster: { ...good.cluster, ...fields } }),
    reasons,
  });
  const user = (fields: Record<string, unknown>, ...reasons: KubeconfigReason[]): CorpusCase => ({
    name: `user ${Object.keys(fields).join(', ')} ${JSON.stringify(Object.values(fields)).slice(0, 60)}`,
    text: config({ ...good, user: fields }),
    reasons,
  });
  const raw = (name: string, text: string, ...reasons: KubeconfigReason[]): CorpusCase => ({
    name,
    text,
    reasons,
  });
  const whole = config(good);
  const [cert, key] = [base64(certificates.certificatePem), base64(certificates.keyPem)];
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: ['CANARY'] };

  return [
    // logging in by running something
    user({ exec }, 'exec'),
    user({ exec: { ...exec, command: '/bin/sh', args: ['-c', 'touch CANARY'] } }, 'exec'),
    user({ exec: null }, 'exec'),
    user({ exec, token: TOKEN }, 'exec'),
    user(
      { 'auth-provider': { name: 'gcp', config: { 'cmd-path': '/bin/sh', 'cmd-args': '-c id' } } },
      'auth-provider',
    ),
    user({ 'auth-provider': { name: 'azure', config: { 'cmd-path': 'touch' } } }, 'auth-provider'),
    user(
      { 'auth-provider': { name: 'oidc', config: { 'idp-issuer-url': 'https://evil.example' } } },
      'auth-provider',
    ),
    user({ 'auth-provider': { name: 'exec', config: exec } }, 'auth-provider'),
    user({ 'auth-provider': { config: { 'token-key': '{.a[?(@.b==process.exit())]}' } } }, 'auth-provider'),
    user({ 'auth-provider': { config: { tokenFile: '/etc/passwd' } } }, 'auth-provider'),
    // files
    user({ tokenFile: '/etc/passwd' }, 'token-file'),
    user({ 'token-file': '/etc/passwd' }, 'token-file'),
    user({ 'client-certificate': '/etc/passwd', 'client-key-data': key }, 'client-certificate-file'),
    user({ 'client-key': '../../etc/shadow', 'client-certificate-data': cert }, 'client-key-file'),
    user({ 'client-certificate': 'a', 'client-key': 'b' }, 'client-certificate-file', 'client-key-file'),
    cluster({ 'certificate-authority': '/etc/passwd' }, 'certificate-authority-file'),
    // other ways in
    user({ username: 'admin', password: 'hunter2' }, 'basic-auth', 'basic-auth'),
    user({ token: TOKEN, as: 'system:admin' }, 'impersonation'),
    user({ token: TOKEN, 'as-uid': '0' }, 'impersonation'),
    user({ token: TOKEN, 'as-groups': ['system:masters'] }, 'impersonation'),
    user({ token: TOKEN, 'as-user-extra': { scopes: ['all'] } }, 'impersonation'),
    user({ token: TOKEN, impersonate: 'x' }, 'unknown-field'),
    user({ token: TOKEN, __proto__x: 1 }, 'unknown-field'),
    user({ token: TOKEN, constructor: 1 }, 'unknown-field'),
    cluster({ 'proxy-url': 'http://evil.example:8080' }, 'proxy-url'),
    cluster({ 'proxy-url': 'socks5://127.0.0.1:1080' }, 'proxy-url'),
    cluster({ 'proxy-url': '' }, 'proxy-url'),
    cluster({ 'insecure-skip-tls-verify': true }, 'insecure-skip-tls-verify'),
    cluster({ 'insecure-skip-tls-verify': 'true' }, 'insecure-skip-tls-verify'),
    cluster({ 'insecure-skip-tls-verify': 1 }, 'insecure-skip-tls-verify'),
    cluster({ 'ca-file': 'x' }, 'unknown-field'),
    // servers
    server('http://api.example:8080', 'server-not-https'),
    server('file:///etc/passwd', 'server-not-https'),
    server('unix:///var/run/docker.sock', 'server-not-https'),
    server('javascript:alert(1)', 'server-not-https'),
    server('api.example:6443', 'server-not-https'),
    server('//api.example', 'server-not-a-url'),
    server('', 'missing-server'),
    server(undefined, 'missing-server'),
    server(['https://api.example'], 'wrong-type'),
    server('https://', 'server-not-a-url'),
    server('https://user:password@api.example', 'server-with-userinfo'),
    server('https://api.example@evil.example', 'server-with-userinfo'),
    server('https://api.example?x=1', 'server-with-query'),
    server('https://api.example#x', 'server-with-fragment'),
    server('https://api.example/../x', 'server-path-unsafe'),
    server('https://api.example/%2e%2e/x', 'server-path-unsafe'),
    server('https://api.example//x', 'server-path-unsafe'),
    server('https://api.example\\@evil.example', 'server-not-a-url'),
    server('https://api.example:6443\r\nHost: evil', 'server-not-a-url'),
    server('https://api.example:99999', 'server-not-a-url'),
    server('https://api.example:0', 'server-not-a-url'),
    server('https://169.254.169.254', 'server-address-refused'),
    server('https://[fd00:ec2::254]', 'server-address-refused'),
    server('https://127.0.0.1:6443', 'server-address-refused'),
    server('https://[::1]:6443', 'server-address-refused'),
    server('https://[::ffff:7f00:1]', 'server-address-refused'),
    server('https://[::ffff:127.0.0.1]', 'server-host-not-canonical'),
    server('https://[0:0:0:0:0:0:0:1]', 'server-host-not-canonical'),
    server('https://0x7f.1', 'server-host-not-canonical'),
    server('https://010.0.0.1', 'server-host-not-canonical'),
    server('https://2130706433', 'server-host-not-canonical'),
    server('https://127.1', 'server-host-not-canonical'),
    server('https://①⑥⑨.254.169.254', 'server-host-not-canonical'),
    server('https://api%2eexample', 'server-host-not-canonical'),
    server('https://0.0.0.0:6443', 'server-address-refused'),
    server(`https://${'a'.repeat(3000)}.example`, 'server-not-a-url'),
    // data that is none
    cluster({ 'certificate-authority-data': 'not base64!' }, 'bad-certificate-authority'),
    cluster({ 'certificate-authority-data': base64('no certificate') }, 'bad-certificate-authority'),
    cluster({ 'certificate-authority-data': base64(certificates.keyPem) }, 'bad-certificate-authority'),
    cluster(
      { 'certificate-authority-data': base64(certificates.caPem + certificates.keyPem) },
      'bad-certificate-authority',
    ),
    cluster({ 'certificate-authority-data': { a: 1 } }, 'wrong-type'),
    cluster({ 'tls-server-name': 'evil.example\n' }, 'bad-tls-server-name'),
    cluster({ 'tls-server-name': '*.example' }, 'bad-tls-server-name'),
    user({}, 'no-credential'),
    user({ token: '' }, 'no-credential'),
    user({ token: 'a b' }, 'bad-token'),
    user({ token: 'a\r\nX-Injected: 1' }, 'bad-token'),
    user({ token: 'é' }, 'bad-token'),
    user({ token: 42 }, 'wrong-type'),
    user({ 'client-certificate-data': cert }, 'certificate-without-key'),
    user({ 'client-key-data': key }, 'certificate-without-key'),
    user({ 'client-certificate-data': cert, 'client-key-data': key, token: TOKEN }, 'several-credentials'),
    user({ 'client-certificate-data': 'AAAA', 'client-key-data': key }, 'bad-client-certificate'),
    user({ 'client-certificate-data': cert, 'client-key-data': 'AAAA' }, 'bad-client-key'),
    user({ 'client-certificate-data': cert, 'client-key-data': base64(otherKeyPem()) }, 'bad-client-key'),
    user(
      { 'client-certificate-data': cert, 'client-key-data': base64('-----BEGIN ENCRYPTED PRIVATE KEY-----') },
      'client-key-encrypted',
    ),
    // contexts
    raw(
      'context without its cluster',
      config({ ...good, context: { cluster: 'x', user: 'u' } }),
      'missing-cluster',
    ),
    raw('context without its user', config({ ...good, context: { cluster: 'c' } }), 'missing-user'),
    raw(
      'context with a bad namespace',
      config({ ...good, context: { ...good.context, namespace: '../x' } }),
      'bad-namespace',
    ),
    raw(
      'context with another field',
      config({ ...good, context: { ...good.context, proxy: 'x' } }),
      'unknown-field',
    ),
    raw('context that is a text', whole.replace('{"cluster":"c","user":"u"}', '"c"'), 'wrong-type'),
    raw(
      'two users of one name',
      whole.replace('"users":[', '"users":[{"name":"u","user":{}},'),
      'duplicate-name',
    ),
    raw('a name with a newline', whole.replaceAll('"name":"c"', String.raw`"name":"c\n"`), 'bad-name'),
    raw('no contexts', whole.replace(/"contexts":\[.*?\]/, '"contexts":[]'), 'no-context'),
    // the file itself
    raw('an empty file', '', 'not-yaml'),
    raw('a text', 'hello', 'not-a-kubeconfig'),
    raw('another kind', whole.replace('"Config"', '"Secret"'), 'not-a-kubeconfig'),
    raw('another version', whole.replace('"v1"', '"v2"'), 'not-a-kubeconfig'),
    raw('binary', '\u0000\u0001\u0002', 'not-a-kubeconfig'),
    raw('unclosed JSON', whole.slice(0, -3), 'not-yaml'),
    raw('two documents', `${whole}\n---\n${whole}`, 'several-documents'),
    raw('a doubled field', whole.replace('"users":', '"users":[],"users":'), 'duplicate-key'),
    raw('an unknown field', whole.replace('"users":', '"plugins":[],"users":'), 'unknown-field'),
    raw('__proto__', whole.replace('"users":', '"__proto__":{"polluted":1},"users":'), 'unknown-field'),
    raw('users that are a mapping', whole.replace(/"users":\[.*?\]/, '"users":{}'), 'wrong-type'),
    raw('an alias bomb', aliasBomb(), 'aliases'),
    raw('a merge key', 'a: &a {x: 1}\nb:\n  <<: *a\n', 'aliases'),
    raw('a tag', 'apiVersion: !!js/function "function(){}"\n', 'tags'),
    raw('a local tag', 'apiVersion: !include /etc/passwd\n', 'tags'),
    raw('a YAML directive', '%TAG ! tag:evil,2000:\n---\na: 1\n', 'not-yaml'),
    raw('50,000 nested lists', '['.repeat(50_000), 'too-deep'),
    raw('50,000 nested blocks', '- '.repeat(50_000), 'too-deep'),
    raw(
      'nested mappings',
      Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'too-deep',
    ),
    raw('one byte too many', `${whole}${' '.repeat(1024 * 1024 + 1 - whole.length)}`, 'too-large'),
  ];
}

/** A kubeconfig of one context, as JSON. */
export function config(parts: Parts): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: parts.cluster }],
    users: [{ name: 'u', user: parts.user }],
    contexts: [{ name: 'ctx', context: parts.context }],
    'current-context': 'ctx',
  });
}

function aliasBomb(): string {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 9; i += 1) {
    const [name, inner] = ['abcdefghi'[i], 'abcdefghi'[i - 1]];
    lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${inner}`).join(',')}]`);
  }
  return lines.join('\n');
}

function otherKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
