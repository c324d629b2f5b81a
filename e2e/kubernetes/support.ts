import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubectl } from '../clusters/sample.ts';
import { readSettings } from '../clusters/settings.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The directory is that which `npm run clusters:up` uses, wherever the tests are started. */
export const settings = readSettings(process.env, ROOT);
export const given = { ...settings, kubeconfig: join(settings.directory, 'kubeconfig') };

/** Objects of a cluster, by the words of `kubectl get`. */
export async function get<T>(cluster: string, ...args: readonly string[]): Promise<T[]> {
  const text = await kubectl(given, cluster, ['get', ...args, '-o', 'json']);
  return (JSON.parse(text) as { items: T[] }).items;
}

/** Runs a command line, split at spaces, in a pod; it has ten seconds. */
export function inPod(
  cluster: string,
  pod: { readonly namespace: string; readonly name: string },
  command: string,
): Promise<string> {
  const words = ['timeout', '10', ...command.split(' ')];
  return kubectl(given, cluster, ['-n', pod.namespace, 'exec', pod.name, '--', ...words]);
}
