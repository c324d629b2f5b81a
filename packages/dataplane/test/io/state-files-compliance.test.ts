import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AgentFiles } from '../../src/agent/state/agent-files.ts';
import { MemoryFiles } from '../../src/io/memory/memory-files.ts';
import type { StateFiles } from '../../src/ports/state-files.ts';

const zNote = z.object({ text: z.string() });
const directory = mkdtempSync(join(tmpdir(), 'flatland-files-'));
let nStores = 0;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const STORES: { name: string; make: () => StateFiles }[] = [
  { name: 'on disk', make: () => new AgentFiles(join(directory, String(nStores++))) },
  { name: 'in memory', make: () => new MemoryFiles() },
];

describe.each(STORES)('files $name', ({ make }) => {
  it('give what was written last, and nothing where nothing was', async () => {
    const files = make();
    expect(await files.read('a.json', zNote)).toBeUndefined();
    await files.write('a.json', { text: 'one' });
    await Promise.all([files.write('a.json', { text: 'two' }), files.write('a.json', { text: 'three' })]);
    expect(await files.read('a.json', zNote)).toEqual({ text: 'three' });
  });

  it('give nothing that has another form', async () => {
    const files = make();
    await files.write('a.json', { other: 1 });
    expect(await files.read('a.json', zNote)).toBeUndefined();
  });

  it('keep what was written, not what became of it', async () => {
    const files = make();
    const note = { text: 'before' };
    await files.write('a.json', note);
    note.text = 'after';
    expect(await files.read('a.json', zNote)).toEqual({ text: 'before' });
  });

  it('list a folder in order, and forget what is removed', async () => {
    const files = make();
    for (const name of ['keys/b.json', 'keys/a.json', 'other.json']) await files.write(name, {});
    expect(await files.list('keys')).toEqual(['a.json', 'b.json']);
    await files.remove('keys/a.json');
    await files.remove('keys/nothing.json');
    expect(await files.list('keys')).toEqual(['b.json']);
    expect(await files.list('nowhere')).toEqual([]);
  });
});

it('files on disk are their owner’s alone, and half a file is none', async () => {
  const place = join(directory, 'owner');
  const files = new AgentFiles(place);
  await files.write('keys/red.json', { text: 'secret' });
  expect(statSync(join(place, 'keys/red.json')).mode & 0o777).toBe(0o600);
  writeFileSync(join(place, 'keys/red.json'), '{"text":');
  expect(await files.read('keys/red.json', zNote)).toBeUndefined();
});
