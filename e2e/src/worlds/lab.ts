import { startStack, type Stack } from '../stack.ts';
import type { World } from './world.ts';

/** The embedded clusters that `npm start` brings, which the console knows from the first moment. */
export const lab: World = {
  name: 'lab',
  clusters: ['aws-east', 'gke-west', 'onprem-fra'],
  start: () => startStack(),
  begin: async () => {},
  takeAway: (stack, cluster) => ask(stack, 'stop-cluster', cluster),
  bringBack: (stack, cluster) => ask(stack, 'start-cluster', cluster),
  converse: async () => {},
};

async function ask(stack: Stack, verb: string, cluster: string): Promise<void> {
  const { exitCode, stderr } = await stack.flatland('lab', verb, cluster);
  if (exitCode !== 0) throw new Error(stderr);
}
