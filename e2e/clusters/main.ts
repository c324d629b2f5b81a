import { performance } from 'node:perf_hooks';
import { buildPrograms, PROGRAMS } from './build.ts';
import { takeDown } from './down.ts';
import { CLUSTERS } from './layout.ts';
import { readSettings } from './settings.ts';
import { bringUp } from './up.ts';

/**
 * `clusters:up` and `clusters:down`: two real clusters on this machine, and nothing of them. `clusters:build` makes the
 * programs that are named, or all, and starts nothing.
 */
const startMs = performance.now();
const say = (text: string) => console.log(`${((performance.now() - startMs) / 1000).toFixed(1)} s  ${text}`);
const [verb, ...names] = process.argv.slice(2);
try {
  const settings = readSettings(process.env);
  if (verb === 'up') {
    const kubeconfig = await bringUp(settings, say);
    say(`Kubernetes ${settings.release} is up; contexts ${CLUSTERS.map(({ name }) => name).join(', ')}`);
    console.log(kubeconfig);
  } else if (verb === 'down') {
    await takeDown(settings.directory);
    say('nothing is left');
  } else if (verb === 'build') {
    const unknown = names.filter((name) => !PROGRAMS.includes(name));
    if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: not of ${PROGRAMS.join(', ')}`);
    await buildPrograms(settings, say, names.length > 0 ? names : PROGRAMS);
    console.log(settings.programs);
  } else {
    throw new Error('say `up`, `down` or `build`');
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
