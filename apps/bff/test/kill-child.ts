/*
 * A backend that is killed: `node kill-child.ts DATA KUBECONFIG [INTENTS]`. Takes up what the journal holds; where
 * nothing is under way it makes and applies a change set of INTENTS (JSON), or reverts the last one. Prints the
 * change set's id and state whenever the state changes.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Intent } from '@flatland/shared/intent/intent';
import { nowMs } from '../src/clock.ts';
import { readClusters } from '../src/clusters/connections.ts';
import { createLogger } from '../src/http/logger.ts';
import { Sessions } from '../src/http/sessions.ts';
import { openJournal } from '../src/journal/journal.ts';
import { createBackend } from '../src/services/backend.ts';
import { ADA, eventually } from './console-harness.ts';

const [data = '', kubeconfig = '', intents = '[]'] = process.argv.slice(2);
const journal = openJournal(data);
const backend = createBackend({
  configured: readClusters(kubeconfig),
  journal,
  dataDirectory: data,
  sessions: new Sessions({ store: journal.sessions, nowMs, randomBytes }),
  isLab: true,
  logger: createLogger({ level: 'silent' }),
  linkTo: (token) => token,
  patrolEveryMs: 3_600_000,
});
backend.start();
process.stdout.write('up\n');
const { changeSets } = backend.console;
const underWay = journal.changeSets.idsInState('applying', 'partial')[0];
const id = underWay ?? (await applyNext());
process.stdout.write(`applying ${id}\n`);
await eventually(() => ['applied', 'proved'].includes(changeSets.get(id).summary.state), 60_000);
process.stdout.write(`done ${id}\n`);
setInterval(() => undefined, 1000);

async function applyNext(): Promise<string> {
  await eventually(() => backend.console.overview().clusters.every(({ reachable }) => reachable));
  await eventually(() => backend.readiness().waitsFor.every((text) => text.startsWith('domain ')));
  const [last] = changeSets.list({ limit: 1 }).items;
  const draft =
    last !== undefined && last.state !== 'planned' && last.revertOf === undefined
      ? await changeSets.revert(ADA, last.id)
      : await changeSets.create(ADA, {
          title: 'Many',
          intents: JSON.parse(intents) as Intent[],
          idempotencyKey: randomUUID(),
        });
  await changeSets.apply(ADA, {
    id: draft.summary.id,
    expectedPlanHash: draft.planned.planHash,
    acknowledged: draft.planned.plan.warnings.map(({ code }) => code),
    choices: [],
  });
  return draft.summary.id;
}
