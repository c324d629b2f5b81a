import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Plan } from '@flatland/shared/plan/plan';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewAuditEntry } from './audit-log.ts';
import { toChangeSet, toSummary } from './change-set-record.ts';
import type { NewChangeSet } from './change-set-store.ts';
import { JournalRefusedError } from './database.ts';
import { JOURNAL_FILE, openJournal, type Journal } from './journal.ts';
import { MIGRATIONS } from './migrations.ts';

let directory: string;
let journal: Journal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatland-journal-'));
  journal = openJournal(directory);
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

test('a draft comes back as it was kept, also after reopening', () => {
  journal.changeSets.insert(draft('a'));
  const before = journal.changeSets.get('a');
  reopen();
  expect(journal.changeSets.get('a')).toEqual(before);
  expect(toChangeSet(before!).steps.map((step) => step.state)).toEqual(['queued', 'queued']);
});

test('the rows of a summary follow the steps of each cluster', () => {
  journal.changeSets.insert(draft('a'));
  journal.changeSets.setState('a', 'applying');
  setStep(0, 'applied');
  setStep(1, 'waiting');
  const summary = toSummary(journal.changeSets.get('a')!);
  expect(summary.clusters).toEqual([
    { cluster: 'aws-east', state: 'applied', stepsDone: 1, nSteps: 1 },
    { cluster: 'gke-west', state: 'waiting', stepsDone: 0, nSteps: 1, message: 'gke-west does not answer' },
  ]);
});

test('the same key of the same person finds the first draft', () => {
  journal.changeSets.insert(draft('a'));
  expect(journal.changeSets.findByKey('ada', 'key-a')?.id).toBe('a');
  expect(journal.changeSets.findByKey('bob', 'key-a')).toBeUndefined();
  expect(() => journal.changeSets.insert({ ...draft('b'), idempotencyKey: 'key-a' })).toThrow(/UNIQUE/);
});

test('pages of change sets are newest first and meet without gap or overlap', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) journal.changeSets.insert(draft(id));
  const first = journal.changeSets.list({ limit: 2 });
  const second = journal.changeSets.list({ limit: 2, cursor: first.nextCursor });
  const third = journal.changeSets.list({ limit: 2, cursor: second.nextCursor });
  const seen = [first, second, third].flatMap((page) => page.items.map((item) => item.id));
  expect(seen).toEqual(ids.toReversed());
  expect(third.nextCursor).toBeUndefined();
});

test('writes of one transaction are all undone when one fails', () => {
  expect(() =>
    journal.atomically(() => {
      journal.changeSets.insert(draft('a'));
      journal.audit.append(entry(1));
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(journal.changeSets.get('a')).toBeUndefined();
  expect(journal.audit.list({ limit: 10 }).items).toEqual([]);
});

test('files of the journal are readable by their owner alone', () => {
  expect(statSync(join(directory, JOURNAL_FILE)).mode & 0o077).toBe(0);
});

test('a second process is told that another console has the file', () => {
  expect(() => openJournal(directory)).toThrow(JournalRefusedError);
  expect(() => openJournal(directory)).toThrow(/journal\.sqlite: another console has it open/);
});

test('a file that is no database is refused by name and left as it is', () => {
  journal.close();
  const file = join(directory, JOURNAL_FILE);
  rmSync(`${file}-wal`, { force: true });
  writeFileSync(file, 'x'.repeat(8192));
  expect(() => openJournal(directory)).toThrow(/journal\.sqlite: is damaged/);
  expect(readFileSync(file, 'utf8')).toBe('x'.repeat(8192));
  rmSync(file);
  journal = openJournal(directory);
});

test('a journal with a damaged page is refused by name', () => {
  for (let n = 0; n < 50; n++) journal.changeSets.insert(draft(`d${n}`));
  journal.close();
  const file = join(directory, JOURNAL_FILE);
  const bytes = readFileSync(file);
  bytes.fill(0xaa, 4096 * 3, 4096 * 12);
  writeFileSync(file, bytes);
  expect(() => openJournal(directory)).toThrow(/journal\.sqlite: is damaged/);
  rmSync(file);
  journal = openJournal(directory);
});

test('a journal of a newer release is refused', () => {
  journal.close();
  const database = new DatabaseSync(join(directory, JOURNAL_FILE));
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  database.close();
  expect(() => openJournal(directory)).toThrow(/written by a newer release/);
  rmSync(join(directory, JOURNAL_FILE));
  journal = openJournal(directory);
});

test.for(MIGRATIONS.map((_, version) => version))('a journal of schema %i opens', (version) => {
  journal.close();
  const file = join(directory, JOURNAL_FILE);
  rmSync(file);
  const database = new DatabaseSync(file);
  for (const migration of MIGRATIONS.slice(0, version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
  journal = openJournal(directory);
  journal.changeSets.insert(draft('a'));
  expect(journal.changeSets.get('a')?.title).toBe('Change a');
});

test('layouts are kept for each person', () => {
  journal.layouts.save('ada', { 'domain/red': { x: 1, y: 2 } }, 7);
  reopen();
  expect(journal.layouts.get('ada')).toEqual({ positions: { 'domain/red': { x: 1, y: 2 } }, savedAtMs: 7 });
  expect(journal.layouts.get('bob')).toEqual({ positions: {} });
});

function reopen(): void {
  journal.close();
  journal = openJournal(directory);
}

function setStep(ordinal: number, state: 'applied' | 'waiting'): void {
  const cluster = ordinal === 0 ? 'aws-east' : 'gke-west';
  const row = { ordinal, cluster, state, attempts: 1, updatedAtMs: 5, conflicts: [] };
  const detail = `${cluster} does not answer`;
  journal.changeSets.setStep(
    'a',
    state === 'waiting' ? { ...row, refusal: { code: 'cluster-unreachable', detail } } : row,
  );
}

function entry(n: number): NewAuditEntry {
  const object = { cluster: 'aws-east', apiVersion: 'v1', kind: 'Pod', name: `p${n}` } as never;
  return {
    atMs: n,
    person: 'ada',
    action: 'apply',
    changeSet: `c${n}`,
    object,
    result: 'done',
    detail: `d${n}`,
  };
}

function draft(id: string): NewChangeSet {
  const step = (cluster: string) => ({
    id: `${cluster}/Membership/shop/frontend`,
    action: 'create',
    cluster,
    object: {
      cluster,
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Membership',
      namespace: 'shop',
      name: 'f',
    },
    before: '',
    after: 'spec: {}\n',
    diff: [],
  });
  const plan = {
    intents: [],
    steps: [step('aws-east'), step('gke-west')],
    effect: { gained: [], lost: [], restarts: [] },
    sentence: 'something',
    warnings: [],
    refusals: [],
  } as unknown as Plan;
  return {
    id,
    title: `Change ${id}`,
    person: 'ada',
    createdAtMs: 1,
    idempotencyKey: `key-${id}`,
    intents: [],
    planned: { plan, planHash: '0'.repeat(64), plannedAtMs: 1, dryRun: [] },
  };
}
