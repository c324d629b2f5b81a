import { expect, test } from 'vitest';
import { hostOf, parseServerUrl } from './server-url.ts';

test.each([
  ['https://api.example', 'https://api.example', 'api.example'],
  ['https://API.example:443/', 'https://api.example', 'api.example'],
  ['https://api.example:6443', 'https://api.example:6443', 'api.example'],
  ['https://10.0.0.1:6443', 'https://10.0.0.1:6443', '10.0.0.1'],
  ['https://[2a00::1]:6443', 'https://[2a00::1]:6443', '2a00::1'],
  ['https://rancher.example/k8s/clusters/c-1', 'https://rancher.example/k8s/clusters/c-1', 'rancher.example'],
])('%s is the server %s', (text, server, host) => {
  const parsed = parseServerUrl(text);
  expect(parsed).toEqual({ ok: true, value: server });
  expect(parsed.ok && hostOf(parsed.value)).toBe(host);
});
