/** One line of a watch stream: a value, or the reason why it is none. */
export type JsonLine =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

/** The longest line accepted: an object of the API has at most 3 MiB. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Cuts a byte stream into lines of JSON (newline-delimited). Keeps what is unfinished for the next call. */
export class JsonLineReader {
  readonly #maxLineBytes: number;
  #rest: Buffer[] = [];
  #nRestBytes = 0;
  #skipping = false;

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes the next bytes and gives every line they complete. Never throws. */
  push(chunk: Uint8Array): JsonLine[] {
    const lines: JsonLine[] = [];
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
      this.#keep(bytes.subarray(0, end));
      lines.push(...this.#take());
      bytes = bytes.subarray(end + 1);
    }
    this.#keep(bytes);
    return lines;
  }

  /** Whether bytes of an unfinished line are waiting: a stream that ends so was cut off. */
  hasRest(): boolean {
    return this.#nRestBytes > 0;
  }

  #keep(bytes: Buffer): void {
    this.#nRestBytes += bytes.byteLength;
    if (this.#nRestBytes > this.#maxLineBytes) {
      this.#skipping = true;
      this.#rest = [];
    }
    if (!this.#skipping && bytes.byteLength > 0) this.#rest.push(Buffer.from(bytes));
  }

  #take(): JsonLine[] {
    const line = Buffer.concat(this.#rest).toString('utf8').trim();
    const skipped = this.#skipping;
    this.#rest = [];
    this.#nRestBytes = 0;
    this.#skipping = false;
    if (skipped) return [{ ok: false, error: `a line longer than ${this.#maxLineBytes} bytes` }];
    if (line === '') return [];
    try {
      return [{ ok: true, value: JSON.parse(line) }];
    } catch {
      return [{ ok: false, error: 'a line that is no JSON' }];
    }
  }
}
