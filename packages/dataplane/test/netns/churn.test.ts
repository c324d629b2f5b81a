/** Memory stays flat while peers, sessions, allowed IPs and devices come and go; in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PACKET_PATHS } from '../support/packet-paths.ts';
import { sandboxProblem, skips } from '../support/sandbox.ts';
import { SCALED_TIMEOUT_MS, scaled } from '../support/scale.ts';

const BENCH = fileURLToPath(new URL('../../bench/churn.ts', import.meta.url));
const N_ROUNDS = 300;
const SECONDS = scaled(0, 3_600);

for (const { path, pathProblem } of PACKET_PATHS) {
  const problem = sandboxProblem() ?? pathProblem;
  describe.skipIf(skips(`churn on the ${path} path`, problem))(`churn on the ${path} path`, () => {
    it(
      'leaves less behind than one peer a round',
      () => {
        const args = [BENCH, path, String(N_ROUNDS), String(SECONDS)];
        const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
        expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
      },
      SCALED_TIMEOUT_MS,
    );
  });
}
