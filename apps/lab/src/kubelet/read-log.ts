import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** The query of `containerLogs`. */
export type LogOptions = {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Only lines from here on. */
  readonly sinceMs?: number;
};

/** Who says that a log has grown, and whether it may grow further. */
export type LogSource = {
  readonly path: string;
  readonly isOpen: () => boolean;
  /** Resolves at the next write or close, or when the signal aborts. */
  readonly changed: (signal: AbortSignal) => Promise<void>;
};

/** Reads a container's log as people see it: without the CRI's prefix, unless times are asked for. */
export async function* readLog(
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let file: FileHandle;
  try {
    file = await open(source.path);
  } catch {
    return;
  }
  try {
    let left = options.limitBytes ?? Infinity;
    for await (const line of chosenLines(file, source, options, signal)) {
      const text = printLine(line, options.timestamps);
      if (text === undefined) continue;
      const cut = Buffer.from(text)
        .subarray(0, Math.min(left, text.length * 4))
        .toString();
      left -= Buffer.byteLength(cut);
      yield cut;
      if (left <= 0) return;
    }
  } finally {
    await file.close();
  }
}

async function* chosenLines(
  file: FileHandle,
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reader = new LineReader(file);
  const isRecent = (line: string) =>
    options.sinceMs === undefined || Date.parse(line.slice(0, line.indexOf(' '))) >= options.sinceMs;
  const present = (await reader.readLines()).filter(isRecent);
  yield* options.tailLines === undefined
    ? present
    : present.slice(present.length - Math.min(options.tailLines, present.length));
  while (options.follow && !signal.aborted) {
    const mayGrow = source.isOpen();
    const changed = source.changed(signal);
    yield* await reader.readLines();
    if (!mayGrow) return;
    await changed;
  }
}

/** Reads whole lines from where it stopped; begins anew when the file has become shorter. */
class LineReader {
  readonly #file: FileHandle;
  #offset = 0;
  #partial: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async readLines(): Promise<string[]> {
    const { size } = await this.#file.stat();
    if (size < this.#offset) {
      this.#offset = 0;
      this.#partial = Buffer.alloc(0);
    }
    const bytes = Buffer.alloc(size - this.#offset);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#offset);
    this.#offset += bytesRead;
    const text = Buffer.concat([this.#partial, bytes.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(0x0a) + 1;
    this.#partial = text.subarray(end);
    return end === 0 ? [] : text.toString('utf8', 0, end - 1).split('\n');
  }
}

function printLine(line: string, timestamps: boolean): string | undefined {
  const match = /^(\S+) (?:stdout|stderr) ([FP]) (.*)$/s.exec(line);
  if (match === null) return undefined;
  const [, time, tag, text] = match;
  return `${timestamps ? `${time} ` : ''}${text}${tag === 'F' ? '\n' : ''}`;
}
