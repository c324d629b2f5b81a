import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms } from './bundle-programs.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Says what of Node.js a program has loaded by its end. */
const TELL_LOADED = `data:text/javascript,process.on('exit',()=>console.log(JSON.stringify(process.moduleLoadList)))`;
const TIMEOUT_MS = 120_000;

beforeAll(() => bundlePrograms(process.execPath), TIMEOUT_MS);

describe.each(['packages/dataplane/build/agent.js', 'packages/controller/build/controller.js'])(
  '%s',
  (bundle) => {
    it('does not load Node.js’s own undici', { timeout: TIMEOUT_MS }, () => {
      // Without its environment it loads everything, says what it lacks, and ends.
      const { stdout, status } = spawnSync(process.execPath, ['--import', TELL_LOADED, `${ROOT}${bundle}`], {
        env: {},
        encoding: 'utf8',
      });
      expect(status, stdout).toBe(1);
      const loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string[];
      expect(loaded).toContain('NativeModule http');
      expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
    });
  },
);
