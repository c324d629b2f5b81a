import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is kept of one run of a container, at most: then the file begins anew. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/**
 * Writes a container's output line by line in the CRI's format: `TIME STREAM F|P TEXT`. A line of more than 16 KiB
 * is cut into parts.
 */
export class ContainerLog {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #partial = { stdout: '', stderr: '' };
  readonly #onWrite: () => void;
  #file: WriteStream;
  #nBytes = 0;

  private constructor(path: string, deps: { nowMs: () => number; onWrite: () => void }) {
    this.#path = path;
    this.#nowMs = deps.nowMs;
    this.#onWrite = deps.onWrite;
    this.#file = openFile(path);
  }

  static async open(path: string, deps: { nowMs: () => number; onWrite: () => void }): Promise<ContainerLog> {
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    return new ContainerLog(path, deps);
  }

  write(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    const lines = (this.#partial[stream] + chunk.toString('utf8')).split('\n');
    this.#partial[stream] = lines.pop()!;
    for (const line of lines) this.#line(stream, 'F', line);
    while (this.#partial[stream].length > MAX_PART_CHARS) {
      this.#line(stream, 'P', this.#partial[stream].slice(0, MAX_PART_CHARS));
      this.#partial[stream] = this.#partial[stream].slice(MAX_PART_CHARS);
    }
  }

  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream] !== '') this.#line(stream, 'F', this.#partial[stream]);
      this.#partial[stream] = '';
    }
    this.#file.end();
  }

  #line(stream: 'stdout' | 'stderr', tag: 'F' | 'P', text: string): void {
    const line = `${new Date(this.#nowMs()).toISOString()} ${stream} ${tag} ${text}\n`;
    if (this.#nBytes + line.length > MAX_LOG_BYTES) {
      this.#file.end();
      this.#file = openFile(this.#path);
      this.#nBytes = 0;
    }
    this.#nBytes += Buffer.byteLength(line);
    this.#file.write(line, this.#onWrite);
  }
}

const MAX_PART_CHARS = 16 * 1024;

function openFile(path: string): WriteStream {
  const file = createWriteStream(path, { flags: 'w', mode: 0o600 });
  // A full disk costs the log, never the container.
  file.on('error', () => {});
  return file;
}
