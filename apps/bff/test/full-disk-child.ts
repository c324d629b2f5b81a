/*
 * Fills the disk of argv[2] argv[3] times, each time to another byte, while writing to a journal there; prints
 * what came of it as JSON. Run by full-disk.test.ts on a small disk of its own.
 */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleFailure } from '../src/api/console-error.ts';
import { openJournal } from '../src/journal/journal.ts';

const [directory = '', nFills = '1'] = process.argv.slice(2);
const filler = join(directory, 'filler');
const journal = openJournal(join(directory, 'data'));
const result = { fills: 0, refusals: 0, lost: 0, readable: 0, recovered: 0, chain: {} };
let nAcknowledged = 0;

for (let fill = 0; fill < Number(nFills); fill++) {
  const free = statfsSync(directory).bavail * statfsSync(directory).bsize;
  writeFileSync(filler, Buffer.alloc(Math.max(0, free - fill * 4096 - (fill % 7) * 512)));
  result.fills += 1;
  if (writeUntilRefused() === 'storage-full') result.refusals += 1;
  if ((journal.audit.list({ limit: 1 }).items[0]?.seq ?? 0) === nAcknowledged) result.readable += 1;
  rmSync(filler);
  if (write() === undefined) result.recovered += 1;
}
journal.close();

const reopened = openJournal(join(directory, 'data'));
result.lost = nAcknowledged - (reopened.audit.list({ limit: 1 }).items[0]?.seq ?? 0);
result.chain = reopened.audit.verify();
reopened.close();
process.stdout.write(JSON.stringify(result));

function writeUntilRefused(): string {
  for (let n = 0; n < 100_000; n++) {
    const refusal = write();
    if (refusal !== undefined) return refusal;
  }
  return 'never refused';
}

function write(): string | undefined {
  const detail = 'x'.repeat(500);
  try {
    journal.audit.append({ atMs: 1, person: 'ada', action: 'apply', result: 'done', detail });
    nAcknowledged += 1;
    return undefined;
  } catch (error) {
    return error instanceof ConsoleFailure ? error.code : String(error);
  }
}
