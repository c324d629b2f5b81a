/** Thrown for bytes that are no protobuf message. */
export class WireError extends Error {}

/** One field as it lies on the wire; `value` is a varint, or the bytes of everything else. */
export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Uint8Array };

/**
 * Reads the fields of a message in order (Protocol Buffers "Encoding").
 *
 * @throws WireError
 */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError('a number ends too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number is too long');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new WireError('a field ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, kind: 'varint', value: varint() };
        break;
      case 1:
        yield { number, kind: 'bytes', value: take(8) };
        break;
      case 2: {
        const length = varint();
        if (length > BigInt(bytes.length)) throw new WireError('a field ends too early');
        yield { number, kind: 'bytes', value: take(Number(length)) };
        break;
      }
      case 5:
        yield { number, kind: 'bytes', value: take(4) };
        break;
      default:
        throw new WireError('a field has an unknown wire type');
    }
  }
}
