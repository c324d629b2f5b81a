import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from './settings.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The directory is that which `npm run clusters:up` uses, wherever a test is started. */
export const settings = readSettings(process.env, ROOT);
/** The clusters that tests work on: their programs and kubeconfig. */
export const given = { ...settings, kubeconfig: join(settings.directory, 'kubeconfig') };
