import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  parseRelayAnswer,
  parseRelayQuestion,
  writeRelayAnswer,
  writeRelayQuestion,
} from './relay-question.ts';

const NONCE = Uint8Array.from({ length: 16 }, (_, i) => i);

it('reads back a question and both answers', () => {
  const question = { nonce: NONCE, node: 'gke-west/node-2' };
  expect(parseRelayQuestion(writeRelayQuestion(question))).toEqual(question);
  for (const reaches of [true, false])
    expect(parseRelayAnswer(writeRelayAnswer(NONCE, reaches), NONCE)).toBe(reaches);
});

it('takes no answer to another question, and no question for an answer', () => {
  const question = writeRelayQuestion({ nonce: NONCE, node: 'gke-west/node-2' });
  expect(parseRelayAnswer(writeRelayAnswer(Uint8Array.from(NONCE).fill(9), true), NONCE)).toBeUndefined();
  expect(parseRelayAnswer(question, NONCE)).toBeUndefined();
  expect(parseRelayQuestion(writeRelayAnswer(NONCE, true).subarray(0, -1))).toBeUndefined();
});

it('survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      parseRelayQuestion(bytes);
      parseRelayQuestion(Uint8Array.from([...new TextEncoder().encode('flatland relay? '), ...bytes]));
      parseRelayAnswer(bytes, NONCE);
    }),
    { numRuns: 2000 },
  );
});
