import { expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

test('what is not said is the default, and the lab’s kubeconfig is in the data directory', () => {
  expect(readEnvironment({ FLATLAND_DATA: '/data' })).toEqual({
    port: 7400,
    dataDirectory: '/data',
    kubeconfig: '/data/kubeconfig',
    mayLackKubeconfig: false,
    isLab: true,
  });
});

test('real clusters alone are a kubeconfig and no lab', () => {
  const environment = readEnvironment({ FLATLAND_LAB: 'off', FLATLAND_KUBECONFIG: '/home/ada/config' });
  expect(environment).toMatchObject({
    isLab: false,
    kubeconfig: '/home/ada/config',
    mayLackKubeconfig: false,
  });
});

test('without a lab and a kubeconfig there is no cluster until one is connected', () => {
  expect(readEnvironment({ FLATLAND_LAB: 'off', FLATLAND_KUBECONFIG: '' })).toMatchObject({
    mayLackKubeconfig: true,
  });
});

test.each(['0.0.0.0', '::', '192.168.1.4', 'example.com'])('listening on %s is refused', (host) => {
  expect(() => readEnvironment({ FLATLAND_HOST: host })).toThrow(/listens on 127\.0\.0\.1 only/);
});

test.each(['70000', '-1', '80a', '1e3', ' 80'])('%j is no port', (port) => {
  expect(() => readEnvironment({ FLATLAND_PORT: port })).toThrow(/FLATLAND_PORT=.* is no port/);
});
