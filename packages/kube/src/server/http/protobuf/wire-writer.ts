/** Writes one message, field by field (Protocol Buffers "Encoding"). */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];

  /** An integer below 2^53, or a bool. */
  varint(number: number, value: number | boolean): this {
    this.#parts.push(varint(number * 8), varint(Number(value)));
    return this;
  }

  double(number: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#parts.push(varint(number * 8 + 1), bytes);
    return this;
  }

  text(number: number, value: string): this {
    return this.bytes(number, Buffer.from(value, 'utf8'));
  }

  /** Bytes, or a message that is written already. */
  bytes(number: number, value: Uint8Array): this {
    this.#parts.push(varint(number * 8 + 2), varint(value.length), value);
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}
