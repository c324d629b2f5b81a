import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditLog, type NewAuditEntry } from './audit-log.ts';
import { openDatabase } from './database.ts';

const N_ROWS = 20;
const COLUMNS = [
  'seq',
  'at_ms',
  'person',
  'action',
  'change_set',
  'object',
  'result',
  'detail',
  'hash',
] as const;

let directory: string;
let database: DatabaseSync;
let audit: AuditLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatland-audit-'));
  open();
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

test('the chain holds over reopening', () => {
  for (let n = 1; n <= 5; n++) audit.append(entry(n));
  database.close();
  open();
  audit.append(entry(6));
  expect(audit.verify()).toEqual({ intact: true });
  expect(audit.list({ limit: 10 }).items.map((item) => item.seq)).toEqual([6, 5, 4, 3, 2, 1]);
});

test('rows cannot be changed or deleted', () => {
  audit.append(entry(1));
  expect(() => database.exec("UPDATE audit SET person = 'eve'")).toThrow(/append-only/);
  expect(() => database.exec('DELETE FROM audit')).toThrow(/append-only/);
});

test('every edit behind the triggers breaks the chain', () => {
  for (let n = 1; n <= N_ROWS; n++) audit.append(entry(n));
  database.exec('DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_texts');
  const tamper = fc.record({
    seq: fc.integer({ min: 1, max: N_ROWS }),
    change: fc.constantFrom('delete' as const, 'insert' as const, 'cut' as const, ...COLUMNS),
    at: fc.nat(),
    byte: fc.integer({ min: 1, max: 0x7e }),
  });
  fc.assert(
    fc.property(tamper, ({ seq, change, at, byte }) => {
      database.exec('BEGIN');
      try {
        const changed = edit(seq, change, { at, byte });
        fc.pre(changed);
        expect(audit.verify().intact).toBe(false);
      } finally {
        database.exec('ROLLBACK');
      }
    }),
    { numRuns: Number(process.env['FLATLAND_TAMPERS'] ?? 1000) },
  );
  expect(audit.verify()).toEqual({ intact: true });
});

test('line breaks and escapes in a text cannot forge a line', () => {
  audit.append({ ...entry(1), person: 'ada\u001b[2K', detail: 'one\r\ntwo\u2028three\ud800' });
  const [row] = audit.list({ limit: 1 }).items;
  expect(row?.person).toBe('ada\\u001b[2K');
  expect(row?.detail).toBe('one\\u000d\\u000atwo\\u2028three\ufffd');
  expect(audit.verify()).toEqual({ intact: true });
});

function open(): void {
  database = openDatabase(join(directory, 'journal.sqlite'));
  audit = new AuditLog(database);
}

/** Edits one row, or its place in the table; false where the edit would leave everything as it was. */
function edit(
  seq: number,
  change: 'delete' | 'insert' | 'cut' | (typeof COLUMNS)[number],
  { at, byte }: { at: number; byte: number },
): boolean {
  if (change === 'delete') {
    database.prepare('DELETE FROM audit WHERE seq = ?').run(seq);
    return true;
  }
  if (change === 'cut') {
    database.prepare('DELETE FROM audit WHERE seq >= ?').run(seq);
    return true;
  }
  if (change === 'insert') {
    database
      .prepare(
        'INSERT INTO audit SELECT ?, at_ms, person, action, change_set, object, result, detail, hash FROM audit WHERE seq = ?',
      )
      .run(N_ROWS + 1, seq);
    return true;
  }
  if (change === 'seq' || change === 'at_ms') {
    database.prepare(`UPDATE audit SET ${change} = ${change} + ? WHERE seq = ?`).run(N_ROWS + byte, seq);
    return true;
  }
  const old = String(
    database.prepare(`SELECT ${change} AS value FROM audit WHERE seq = ?`).get(seq)?.['value'],
  );
  const place = at % old.length;
  const edited = old.slice(0, place) + String.fromCharCode(byte) + old.slice(place + 1);
  if (edited === old) return false;
  database.prepare(`UPDATE audit SET ${change} = ? WHERE seq = ?`).run(edited, seq);
  return true;
}

function entry(n: number): NewAuditEntry {
  const object = { cluster: 'aws-east', apiVersion: 'v1', kind: 'Pod', name: `p${n}` } as NonNullable<
    NewAuditEntry['object']
  >;
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
