import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cleanMappings, giveBackMemory } from './resident-memory.ts';

const SMAPS = `00400000-02000000 r--p 00000000 fe:00 31 /usr/bin/node
Size:              28672 kB
Rss:               12000 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd mr mw me
02000000-04c00000 r-xp 01c00000 fe:00 31 /usr/bin/node
Rss:               30000 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
04c00000-05000000 r--p 04800000 fe:00 31 /usr/bin/node
Rss:                4000 kB
Private_Dirty:        24 kB
Anonymous:            24 kB
05000000-05010000 rw-p 04c00000 fe:00 31 /usr/bin/node
Rss:                  64 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
7f0000000000-7f0000100000 r--p 00000000 00:00 0
Rss:                  64 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
7f0000200000-7f0000300000 r--s 00000000 fe:00 9 /var/cache/file
Rss:                  64 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
`;

test('only what a file has as well is let go: code and constants, not what the loader or the process wrote', () => {
  const starts = cleanMappings(SMAPS).map(({ startAddress }) => startAddress.toString(16));
  expect(starts).toEqual(['400000', '2000000']);
});

test('a process that gives memory back has less of its programs’ pages resident, and works on', () => {
  const before = residentBytes();
  giveBackMemory();
  expect(residentBytes()).toBeLessThan(before * 0.8);
  expect(createHash('sha256').update('abc').digest('hex')).toMatch(/^ba7816bf/);
  expect(new Intl.DateTimeFormat('de', { month: 'long' }).format(new Date(0))).toBe('Januar');
});

function residentBytes(): number {
  return cleanMappings(readFileSync('/proc/self/smaps', 'utf8')).reduce(
    (sum, mapping) => sum + mapping.residentBytes,
    0,
  );
}
