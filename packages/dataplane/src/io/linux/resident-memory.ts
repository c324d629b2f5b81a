import { readFileSync } from 'node:fs';
import { ownSymbols } from '../node/own-symbols.ts';

/** A part of a process' memory that is a file's, as the file has it: nothing is lost where it is let go. */
export interface CleanMapping {
  readonly startAddress: bigint;
  readonly lengthBytes: number;
  readonly residentBytes: number;
}

const MADV_DONTNEED = 4;
/** `start-end perms offset device inode path` */
const HEADER = /^([0-9a-f]+)-([0-9a-f]+) (r-[-x]p) [0-9a-f]+ \S+ \d+\s+(\/.+)$/;
const OTHER_HEADER = /^[0-9a-f]+-[0-9a-f]+ /;

interface Calls {
  readonly trim: (padBytes: number) => number;
  readonly madvise: (address: bigint, lengthBytes: number, advice: number) => number;
}

let bound: Calls | undefined;

/**
 * Gives back what only the start of a process needed: pages of programs and libraries that were read once, and what the
 * allocator holds free. What is used still comes back from the page cache at its next use. Does nothing where the kernel
 * or the C library has no such call.
 */
export function giveBackMemory(): void {
  let mappings: CleanMapping[];
  try {
    bound ??= bindCalls();
    mappings = cleanMappings(readFileSync('/proc/self/smaps', 'utf8'));
  } catch {
    return;
  }
  bound.trim(0);
  for (const { startAddress, lengthBytes } of mappings)
    bound.madvise(startAddress, lengthBytes, MADV_DONTNEED);
}

function bindCalls(): Calls {
  const { library } = ownSymbols();
  return {
    trim: library.func('int malloc_trim(size_t pad)'),
    madvise: library.func('int madvise(uintptr_t address, size_t length, int advice)'),
  };
}

/**
 * The mappings of files that nobody may write to through them and no page of which is the process' own, as code and
 * constants are; not what the loader wrote to and then protected (RELRO), which would be lost. `smaps` is proc(5)'s.
 */
export function cleanMappings(smaps: string): CleanMapping[] {
  const found: CleanMapping[] = [];
  let current: { start: bigint; end: bigint; fields: Map<string, number> } | undefined;
  const take = () => {
    if (current === undefined) return;
    const { start, end, fields } = current;
    const isOwn = (fields.get('Anonymous') ?? 1) > 0 || (fields.get('Private_Dirty') ?? 1) > 0;
    const residentBytes = (fields.get('Rss') ?? 0) * 1024;
    if (isOwn || residentBytes === 0) return;
    found.push({ startAddress: start, lengthBytes: Number(end - start), residentBytes });
  };
  for (const line of smaps.split('\n')) {
    const header = HEADER.exec(line);
    if (header !== null || OTHER_HEADER.test(line)) {
      take();
      current =
        header === null
          ? undefined
          : { start: BigInt(`0x${header[1]}`), end: BigInt(`0x${header[2]}`), fields: new Map() };
      continue;
    }
    const field = /^(\w+): +(\d+) kB$/.exec(line);
    if (field !== null) current?.fields.set(field[1]!, Number(field[2]));
  }
  take();
  return found;
}
