import { concatBytes, startsWith } from '../../core/noise/bytes.ts';
import { NONCE_BYTES } from './ask-router.ts';

/**
 * The question "do you reach this node straight?" that an agent asks a relay inside the tunnel, by UDP to the echo
 * port of the domain's router. The answer repeats the nonce.
 */
const QUESTION = new TextEncoder().encode('flatland relay? ');
const ANSWER = new TextEncoder().encode('flatland relay: ');
const YES = 1;
const NO = 0;
/** Longest `cluster/node`. */
const MAX_NODE_BYTES = 320;

/** A question as it came in. */
export interface RelayQuestion {
  readonly nonce: Uint8Array;
  /** `cluster/node` that is asked about. Any text: whoever asks may write what he likes. */
  readonly node: string;
}

/** The question's bytes; `node` is `cluster/node`. */
export function writeRelayQuestion({ nonce, node }: RelayQuestion): Uint8Array {
  return concatBytes(QUESTION, nonce, new TextEncoder().encode(node));
}

/** Reads a question; nothing where the bytes are none. */
export function parseRelayQuestion(bytes: Uint8Array): RelayQuestion | undefined {
  const head = QUESTION.length + NONCE_BYTES;
  if (!startsWith(bytes, QUESTION) || bytes.length <= head || bytes.length > head + MAX_NODE_BYTES)
    return undefined;
  return {
    nonce: bytes.subarray(QUESTION.length, head),
    node: new TextDecoder().decode(bytes.subarray(head)),
  };
}

/** The answer's bytes. */
export function writeRelayAnswer(nonce: Uint8Array, reaches: boolean): Uint8Array {
  return concatBytes(ANSWER, nonce, Uint8Array.of(reaches ? YES : NO));
}

/** What the answer to this nonce says; nothing where the bytes are none. */
export function parseRelayAnswer(bytes: Uint8Array, nonce: Uint8Array): boolean | undefined {
  const head = concatBytes(ANSWER, nonce);
  if (!startsWith(bytes, head) || bytes.length !== head.length + 1) return undefined;
  return bytes.at(-1) === YES;
}
