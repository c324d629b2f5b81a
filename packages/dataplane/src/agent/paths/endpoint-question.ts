import { concatBytes, startsWith } from '../../core/noise/bytes.ts';
import { parseUdpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import { NONCE_BYTES } from './ask-router.ts';

/**
 * The question "at which endpoint do you see me?" that agents ask each other inside the tunnel, by UDP to
 * the echo port of the domain's router. The answer repeats the nonce.
 */
const QUESTION = new TextEncoder().encode('flatland endpoint? ');
const ANSWER = new TextEncoder().encode('flatland endpoint: ');
const MAX_ENDPOINT_CHARACTERS = 64;

/** The question's bytes. */
export function writeQuestion(nonce: Uint8Array): Uint8Array {
  return concatBytes(QUESTION, nonce);
}

/** The nonce of a question; nothing where the bytes are none. */
export function parseQuestion(bytes: Uint8Array): Uint8Array | undefined {
  return startsWith(bytes, QUESTION) && bytes.length === QUESTION.length + NONCE_BYTES
    ? bytes.subarray(QUESTION.length)
    : undefined;
}

/** The answer's bytes. */
export function writeAnswer(nonce: Uint8Array, endpoint: string): Uint8Array {
  return concatBytes(ANSWER, nonce, new TextEncoder().encode(endpoint));
}

/** The endpoint that an answer to this nonce names; nothing where the bytes are none. */
export function parseAnswer(bytes: Uint8Array, nonce: Uint8Array): UdpEndpoint | undefined {
  const head = ANSWER.length + NONCE_BYTES;
  if (!startsWith(bytes, concatBytes(ANSWER, nonce)) || bytes.length > head + MAX_ENDPOINT_CHARACTERS)
    return undefined;
  const endpoint = parseUdpEndpoint(new TextDecoder().decode(bytes.subarray(head)));
  return endpoint.ok ? endpoint.value : undefined;
}
