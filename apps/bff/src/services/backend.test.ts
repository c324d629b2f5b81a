import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startConsole, type ConsoleHarness } from '../../test/console-harness.ts';
import { SimulatedNetwork } from '../../test/simulated-network.ts';

let network: SimulatedNetwork;
let harness: ConsoleHarness;
beforeAll(async () => {
  network = await SimulatedNetwork.start([
    { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] },
    { cluster: 'gke-west', namespace: 'shop', name: 'catalog', domains: ['red'] },
    { cluster: 'gke-west', namespace: 'ledger', name: 'settlement', domains: ['green'] },
  ]);
  harness = await startConsole(network);
}, 60_000);
afterAll(async () => {
  await harness?.[Symbol.asyncDispose]();
  await network?.[Symbol.asyncDispose]();
});

test('becomes ready when every member is programmed', async () => {
  await eventually(() => harness.backend.readiness().ready).catch((error) => {
    console.log(
      JSON.stringify(harness.backend.readiness()),
      JSON.stringify(harness.console.topology(), null, 1).slice(0, 3000),
    );
    throw error;
  });
  expect(
    harness.console.overview().clusters.map(({ name, reachable, nAgents }) => [name, reachable, nAgents]),
  ).toEqual([
    ['aws-east', true, 1],
    ['gke-west', true, 1],
  ]);
});
