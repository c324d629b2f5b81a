import { performance } from 'node:perf_hooks';
import { takeDown } from './down.ts';
import { CLUSTERS } from './layout.ts';
import { readSettings } from './settings.ts';
import { bringUp } from './up.ts';

/** `clusters:up` and `clusters:down`: two real clusters on this machine, and nothing of them. */
const startMs = performance.now();
const say = (text: string) => console.log(`${((performance.now() - startMs) / 1000).toFixed(1)} s  ${text}`);
const [verb] = process.argv.slice(2);
try {
  const settings = readSettings(process.env);
  if (verb === 'up') {
    const kubeconfig = await bringUp(settings, say);
    say(`Kubernetes ${settings.release} is up; contexts ${CLUSTERS.map(({ name }) => name).join(', ')}`);
    console.log(kubeconfig);
  } else if (verb === 'down') {
    await takeDown(settings.directory);
    say('nothing is left');
  } else {
    throw new Error('say `up` or `down`');
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
