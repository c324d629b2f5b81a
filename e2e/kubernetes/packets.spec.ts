import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installFlatland } from '../clusters/flatland.ts';
import { given } from '../clusters/given.ts';
import { inUrl } from '../clusters/families.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { podIdentities } from '../src/cluster-state.ts';
import { podsOf } from '../src/pods-of.ts';
import { expect, SAMPLE, test } from '../src/test.ts';
import { addressesIn } from '../src/worlds/kubernetes.ts';
import { get, inPod, routerOf } from './support.ts';

const REPORTING = podsOf(SAMPLE.reporting);
const LEDGER = podsOf(SAMPLE.ledgerDb);
const NAME = 'reporting.analytics.green.flatland';

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodeName: string };
}

test('a Deployment that is dragged onto a domain is reached from the other cluster by address and by name, its pod as it was; and so it is when everything of Flatland but the forwarders is gone', async ({
  stack,
  map,
  review,
}) => {
  const pods = () => podIdentities(stack, REPORTING);
  const before = await pods();
  await test.step('drag, review, apply', async () => {
    await map.drag(`workload:${SAMPLE.reporting}`, 'domain:green');
    await review.open();
    await review.apply();
    await review.expectState('proved');
    await review.close();
    await map.expectMember(SAMPLE.reporting, 'green', 'proved');
  });
  const [sender] = await get<Pod>(LEDGER.cluster, 'pods', '-n', LEDGER.namespace, '-l', LEDGER.selector);
  const own = await addressesIn('green', SAMPLE.ledgerDb);
  const addresses = await addressesIn('green', SAMPLE.reporting);
  expect(addresses).toHaveLength(2);
  const fromLedger = (command: string) => inPod(LEDGER.cluster, sender!.metadata, command);
  const expectReached = async (host: string) => {
    const answer = JSON.parse(await fromLedger(`wget -qO- http://${host}:8080/`)) as Answer;
    expect(answer.name).toBe('onprem-fra/analytics/reporting');
    expect(own, 'the source as the other end sees it').toContain(answer.caller);
  };

  await test.step('by address, source kept', async () => {
    for (const address of addresses) {
      expect(await fromLedger(`ping -c 3 -W 2 ${address}`)).toContain('3 packets received');
      await expectReached(inUrl(address));
    }
  });
  await test.step('by name', async () => {
    const router = await routerOf(LEDGER.cluster, 'green', sender!);
    const found = await fromLedger(`nslookup ${NAME} ${router}`);
    for (const address of addresses) expect(found).toContain(address);
  });
  expect(await pods()).toEqual(before);

  await test.step('everything but the forwarders is killed while packets pass', async () => {
    const ping = startPing(sender!, addresses[0]!);
    try {
      await ping.firstAnswer;
      await stack.stop();
      await killAllButForwarders();
      const said = await ping.end();
      const [, nSent, nCame] = /(\d+) packets transmitted, (\d+) packets received/.exec(said) ?? [];
      expect(Number(nCame), said).toBeGreaterThan(10);
      // The last may be under way when the program is told to end.
      expect(Number(nSent) - Number(nCame), said).toBeLessThanOrEqual(1);
      for (const address of addresses) await expectReached(inUrl(address));
      expect(await fromLedger(`ping -c 5 -i 0.2 -W 2 ${addresses[0]}`)).toContain('5 packets received');
    } finally {
      await installFlatland(given);
    }
  });
  expect(await pods()).toEqual(before);
});

interface Answer {
  readonly name: string;
  readonly caller: string;
}

/** Deletes agents and controllers, and waits until no pod of ours but the forwarders' is left. */
async function killAllButForwarders(): Promise<void> {
  for (const { name } of CLUSTERS) {
    const system = ['-n', 'flatland-system'];
    const kinds = ['daemonset/flatland-agent', 'deployment/flatland-controller'];
    await kubectl(given, name, [...system, 'delete', ...kinds, '--cascade=foreground']);
    await expect
      .poll(async () => (await get<Pod>(name, 'pods', ...system)).map(({ metadata }) => metadata.name), {
        timeout: 120_000,
      })
      .toEqual([
        expect.stringMatching(/^flatland-forwarder-/),
        expect.stringMatching(/^flatland-forwarder-/),
      ]);
  }
}

/** Pings from a pod until it is told to end. */
function startPing(pod: Pod, address: string) {
  const { namespace, name } = pod.metadata;
  const where = ['--kubeconfig', given.kubeconfig, '--context', LEDGER.cluster, '-n', namespace];
  // The pod's own `timeout` ends it as Ctrl-C would, so that it tells what came of it.
  const command = [
    'exec',
    name,
    '--',
    'timeout',
    '-s',
    'INT',
    '240',
    'ping',
    '-i',
    '0.2',
    '-W',
    '5',
    address,
  ];
  const child = spawn(join(given.programs, 'kubectl'), [...where, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const ended = once(child, 'close');
  const firstAnswer = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('seq=')) resolve();
    });
    child.once('close', () => reject(new Error(`ping ended: ${said}`)));
  });
  return {
    firstAnswer,
    async end(): Promise<string> {
      await inPod(LEDGER.cluster, pod.metadata, 'killall -INT ping');
      await ended;
      return said;
    },
  };
}
