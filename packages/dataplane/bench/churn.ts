/**
 * Whether memory stays flat while peers, sessions, allowed IPs and devices come and go: `node bench/churn.ts
 * [native|portable] [ROUNDS] [SECONDS]`, as long as both take; an hour with `FLATLAND_LONG` set. Prints what is in use
 * every now and then, and at the end its growth for each round; ends with 1 where that is as much as one peer that is
 * not freed. Needs root or user namespaces, and `ip`.
 */
import { churn, slope } from '../test/support/churn.ts';
import { sandboxProblem } from '../test/support/sandbox.ts';
import { scaled } from '../test/support/scale.ts';

const PATH = process.argv[2] === 'portable' ? 'portable' : 'native';
const N_ROUNDS = Number(process.argv[3] ?? 300);
const SECONDS = Number(process.argv[4] ?? scaled(30, 3_600));
/** Whatever a process makes once and keeps. */
const N_WARM_UP = 100;
/** Less than a peer of the core takes, and less than one of the addon, which only the native path has. */
const BUDGET = { heapBytes: 3_000, nativeBytes: PATH === 'native' ? 300 : 2_000 };
const PRINTS_EVERY_MS = 5_000;
const MEGABYTE = 1024 * 1024;

const problem = sandboxProblem();
if (problem === undefined) await main();
else process.stdout.write(`bench of churn left out: ${problem}\n`);

async function main(): Promise<void> {
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(2)} MB`;
  let printedMs = 0;
  const samples = await churn({
    path: PATH,
    goesOn: (round) => round < N_ROUNDS || elapsedMs() < SECONDS * 1_000,
    onSample: ({ round, heapBytes, nativeBytes, residentBytes }) => {
      if (elapsedMs() - printedMs < PRINTS_EVERY_MS) return;
      printedMs = elapsedMs();
      process.stdout.write(
        `${(elapsedMs() / 1_000).toFixed(0)} s, round ${round}: heap ${megabytes(heapBytes)}, C ${megabytes(nativeBytes)}, resident ${megabytes(residentBytes)}\n`,
      );
    },
  });
  const settled = samples.filter(({ round }) => round >= N_WARM_UP);
  const growth = (of: Parameters<typeof slope>[1]) => slope(settled, of);
  const isFlat = growth('heapBytes') < BUDGET.heapBytes && growth('nativeBytes') < BUDGET.nativeBytes;
  const [heap, native, resident] = (['heapBytes', 'nativeBytes', 'residentBytes'] as const).map(
    (of) => `${growth(of).toFixed(0)} B`,
  );
  process.stdout.write(
    `${PATH}, growth a round: heap ${heap} (budget < ${BUDGET.heapBytes}), C ${native} (budget < ${BUDGET.nativeBytes}), resident ${resident}: ${isFlat ? 'flat' : 'NOT FLAT'}\n`,
  );
  process.exitCode = isFlat ? 0 : 1;
}
