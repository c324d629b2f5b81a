import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getObject } from '@flatland/kube/client/objects';
import { Domain } from '@flatland/kube/client/resources';
import { seededRandom } from '@flatland/kube/testing/seeded-random';
import { CHANGE_SET_ANNOTATION } from '@flatland/shared/model/kubernetes-object';
import { expect, test } from 'vitest';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import type { ChangeSetRecord } from '../journal/change-set-record.ts';
import { openJournal } from '../journal/journal.ts';

const N_KILLS = Number(process.env['FLATLAND_KILLS'] ?? 4);
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20261122);
const N_DOMAINS = 13;
const MAX_DELAY_MS = 400;
const CLUSTERS = ['aws-east', 'gke-west', 'onprem-fra'];
const child = join(import.meta.dirname, '../../test/kill-child.ts');

test(
  `an apply of ${N_DOMAINS * CLUSTERS.length} objects survives ${N_KILLS} kills: no step is lost, doubled or half done`,
  { timeout: 60_000 + N_KILLS * 15_000 },
  async () => {
    await using network = await SimulatedNetwork.start(
      CLUSTERS.map((cluster) => ({ cluster, namespace: 'shop', name: 'w', domains: ['red'] })),
    );
    const data = join(network.directory, 'data');
    const kubeconfig = join(network.directory, 'kubeconfig');
    network.writeKubeconfig(kubeconfig);
    const random = seededRandom(SEED);
    let nKills = 0;
    let nHits = 0;
    while (nKills < N_KILLS) {
      const end = await runUntilKilled(
        [data, kubeconfig, JSON.stringify(intents())],
        random() * MAX_DELAY_MS,
      );
      nKills += 1;
      if (end === 'mid-apply') nHits += 1;
      await checkAcknowledged(network, data, `seed ${SEED}, kill ${nKills}`);
    }
    await runToEnd([data, kubeconfig, JSON.stringify(intents())]);
    const last = await checkAcknowledged(network, data, `seed ${SEED}, at the end`);
    expect(last.steps.every(({ state }) => state === 'applied')).toBe(true);
    expect(nHits).toBeGreaterThan(0);
  },
);

function intents() {
  return Array.from({ length: N_DOMAINS }, (_, n) => ({
    kind: 'create-domain',
    domain: { name: `d${n}`, clusters: CLUSTERS },
    members: [],
  }));
}

/** Runs a backend, kills it some time after its apply began, and says whether the apply was under way. */
async function runUntilKilled(args: readonly string[], delayMs: number): Promise<'mid-apply' | 'idle'> {
  const process_ = start(args);
  await process_.said(/^applying/m);
  await sleep(delayMs);
  const isDone = /^done/m.test(process_.output());
  process_.kill();
  await process_.ended;
  return isDone ? 'idle' : 'mid-apply';
}

async function runToEnd(args: readonly string[]): Promise<void> {
  const process_ = start(args);
  await process_.said(/^done/m);
  process_.kill();
  await process_.ended;
}

function start(args: readonly string[]) {
  const spawned = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  spawned.stdout.on('data', (part: Buffer) => (output += part.toString()));
  spawned.stderr.on('data', (part: Buffer) => (errors += part.toString()));
  const ended = once(spawned, 'exit');
  return {
    ended,
    output: () => output,
    kill: () => spawned.kill('SIGKILL'),
    async said(what: RegExp): Promise<void> {
      while (!what.test(output)) {
        if (spawned.exitCode !== null) throw new Error(`ended: ${errors}`);
        await sleep(5);
      }
    },
  };
}

/** Whatever the journal says is applied is so in the clusters. Gives the change set that is under way. */
async function checkAcknowledged(
  network: SimulatedNetwork,
  data: string,
  when: string,
): Promise<ChangeSetRecord> {
  const journal = openJournal(data);
  try {
    expect(journal.audit.verify(), when).toEqual({ intact: true });
    const [head] = journal.changeSets.list({ limit: 1 }).items;
    const record = journal.changeSets.get(head!.id)!;
    for (const { ordinal, state } of record.steps) {
      if (state !== 'applied') continue;
      const { object, action } = record.planned.plan.steps[ordinal]!;
      const live = await getObject(network.client(object.cluster), Domain, { name: object.name });
      const stamp = live.ok ? live.value.metadata.annotations?.[CHANGE_SET_ANNOTATION] : undefined;
      expect([object.cluster, object.name, stamp], when).toEqual([
        object.cluster,
        object.name,
        action === 'delete' ? undefined : record.id,
      ]);
    }
    return record;
  } finally {
    journal.close();
  }
}
