import { expect, test } from 'vitest';
import { consoleCommand } from './console-command.ts';

const PLACES = { dataDir: '/data', kubeconfig: '/data/kubeconfig' };

test('a console that is started again listens where it did, so that open tabs find it', () => {
  expect(consoleCommand(PLACES).env).not.toHaveProperty('FLATLAND_PORT');
  expect(consoleCommand({ ...PLACES, port: '7401' }).env).toMatchObject({ FLATLAND_PORT: '7401' });
});
