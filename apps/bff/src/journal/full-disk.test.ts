import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const N_FILLS = Number(process.env['FLATLAND_FULL_DISKS'] ?? 5);
const script = join(import.meta.dirname, '../../test/full-disk-child.ts');
const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;

test.skipIf(!mayMount)(
  'a full disk refuses writes by name, still reads, loses nothing, and writes again once there is space',
  { timeout: 60_000 },
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'flatland-full-disk-'));
    try {
      // the mount is gone with the namespace of the child
      const mountAndRun = 'mount -t tmpfs -o size=8m tmpfs "$1" && exec "$2" "$3" "$1" "$4"';
      const child = spawnSync(
        'unshare',
        ['-m', 'sh', '-c', mountAndRun, 'sh', directory, process.execPath, script, String(N_FILLS)],
        { encoding: 'utf8' },
      );
      expect(child.stderr).toBe('');
      expect(JSON.parse(child.stdout)).toEqual({
        fills: N_FILLS,
        refusals: N_FILLS,
        lost: 0,
        readable: N_FILLS,
        recovered: N_FILLS,
        chain: { intact: true },
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
