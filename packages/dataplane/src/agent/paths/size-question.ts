import { concatBytes, startsWith } from '../../core/noise/bytes.ts';
import { NONCE_BYTES } from './ask-router.ts';

/**
 * The question "does a packet of this length arrive?" that agents ask each other inside the tunnel, by UDP to the echo
 * port of the domain's router. It is as long as the packet that it stands for; the answer is short, so that only
 * one direction is asked about, and repeats the nonce (Packetization Layer Path MTU Discovery, RFC 8899).
 */
const QUESTION = new TextEncoder().encode('flatland mtu? ');
const ANSWER = new TextEncoder().encode('flatland mtu: ');
const UDP_HEADER_BYTES = 8;
const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const;

/** A question that makes an IP packet of `sizeBytes`. */
export function writeSizeQuestion(nonce: Uint8Array, sizeBytes: number, family: 4 | 6): Uint8Array {
  const head = concatBytes(QUESTION, nonce);
  const bytes = new Uint8Array(Math.max(head.length, sizeBytes - IP_HEADER_BYTES[family] - UDP_HEADER_BYTES));
  bytes.set(head);
  return bytes;
}

/** The nonce of a question; nothing where the bytes are none. */
export function parseSizeQuestion(bytes: Uint8Array): Uint8Array | undefined {
  return startsWith(bytes, QUESTION) && bytes.length >= QUESTION.length + NONCE_BYTES
    ? bytes.subarray(QUESTION.length, QUESTION.length + NONCE_BYTES)
    : undefined;
}

/** The answer's bytes. */
export function writeSizeAnswer(nonce: Uint8Array): Uint8Array {
  return concatBytes(ANSWER, nonce);
}

/** Whether bytes answer the question with this nonce. */
export function isSizeAnswer(bytes: Uint8Array, nonce: Uint8Array): boolean {
  const answer = writeSizeAnswer(nonce);
  return bytes.length === answer.length && startsWith(bytes, answer);
}
