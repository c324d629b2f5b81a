import { settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { findMachine } from '../clusters/machine.ts';
import { podsOfClusters } from './members.ts';

/** Network namespaces and devices of every node, without what belongs to the pods that there are. */
export async function tracesOnNodes(): Promise<string[]> {
  const pods = (await podsOfClusters()).filter(({ spec }) => spec.hostNetwork !== true);
  const found = await Promise.all(
    CLUSTERS.flatMap(({ nodes }) => nodes).map(async ({ name }) => {
      const machine = await findMachine(settings.directory, name);
      const nPods = pods.filter(({ spec }) => spec.nodeName === name).length;
      const namespaces = linesOf(await machine.run(['ls', '/run/netns']));
      const ours = namespaces.filter((namespace) => !namespace.startsWith('cni-'));
      const devices = linesOf(await machine.run(['ip', '-o', 'link', 'show']));
      return [
        `${name}: namespaces ${ours.toSorted().join(' ')}`,
        `${name}: ${namespaces.length - ours.length - nPods} namespaces of pods that are gone`,
        // A pod is on one link, of which one end is here.
        `${name}: ${devices.length - nPods} devices that are no pod’s`,
      ];
    }),
  );
  return found.flat();
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
