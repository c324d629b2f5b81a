import { expect, test } from 'vitest';
import { MemoryFiles } from '../../io/memory/memory-files.ts';
import { domainObject } from '../testing/objects.ts';
import { SavedObjects } from './saved-objects.ts';

const RED = domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } });

test('what is saved is there for the next run, without what agents do not look at', async () => {
  const files = new MemoryFiles();
  const saved = new SavedObjects(files);
  const managed = { ...RED, metadata: { ...RED.metadata, managedFields: [{ manager: 'somebody' }] } };
  saved.save({ objects: [], isRestored: false });
  saved.save({ objects: [managed], isRestored: true });
  await saved.flush();
  expect(await new SavedObjects(files).load()).toEqual({ objects: [RED], isRestored: true });
});

test('what an earlier agent saved, the objects alone, is read', async () => {
  const files = new MemoryFiles();
  await files.write('objects.json', [RED]);
  expect(await new SavedObjects(files).load()).toEqual({ objects: [RED], isRestored: false });
});

test('a run that is the first, or whose file is no such file, starts with nothing', async () => {
  const files = new MemoryFiles();
  const nothing = { objects: [], isRestored: false };
  expect(await new SavedObjects(files).load()).toEqual(nothing);
  await files.write('objects.json', { objects: 'none' });
  expect(await new SavedObjects(files).load()).toEqual(nothing);
});
