import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Api } from './conformance/api.ts';
import type { ServerUnderTest } from './conformance/server-under-test.ts';
import { describeDifference, findDifference } from './differential/difference.ts';
import { isKnownToDiffer } from './differential/known-differences.ts';
import { runSequence } from './differential/run-sequence.ts';
import { openApi, startEmbedded } from './differential/servers.ts';
import { sequences } from './differential/steps.ts';
import { findPrograms } from './real-server/programs.ts';
import { startRealServer } from './real-server/real-server.ts';

const asked = process.env['FLATLAND_SEQUENCES'] ?? (process.env['FLATLAND_LONG'] && '2000');
const programs = asked === undefined ? undefined : findPrograms();
const title = 'the embedded server against a real kube-apiserver';
const WHY =
  'FLATLAND_SEQUENCES must say how many, and etcd and a kube-apiserver be there; `npm run clusters:build` makes them';
if (programs === undefined) process.stderr.write(`skipped: ${title}: ${WHY}\n`);

/** `FLATLAND_SEQUENCES` says how many sequences are tried, `FLATLAND_SEED` which. */
const numRuns = Number(asked ?? 0);
const seed = process.env['FLATLAND_SEED'] === undefined ? undefined : Number(process.env['FLATLAND_SEED']);
const TIMEOUT_MS = 60_000 + numRuns * 10_000;

describe.skipIf(programs === undefined)(programs === undefined ? `${title} (${WHY})` : title, () => {
  const servers: ServerUnderTest[] = [];
  const apis: Api[] = [];
  let count = 0;
  const minor = Number(programs?.release.split('.')[1]);

  beforeAll(async () => {
    servers.push(await startRealServer(programs!), await startEmbedded());
    for (const server of servers) apis.push(await openApi(server));
  }, 300_000);

  afterAll(async () => {
    for (const api of apis) api.close();
    for (const server of servers) await server.close();
  });

  it(
    'answers any sequence of requests alike, and tells watches the same',
    async () => {
      const property = fc.asyncProperty(sequences, async (sequence) => {
        const namespace = `differential-${++count}`;
        const [real, embedded] = await Promise.all(apis.map((api) => runSequence(api, sequence, namespace)));
        fc.pre(!isKnownToDiffer(minor, real!));
        const difference = findDifference(sequence, real!, embedded!);
        if (difference) throw new Error(describeDifference(difference));
      });
      await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) });
    },
    TIMEOUT_MS,
  );
});
