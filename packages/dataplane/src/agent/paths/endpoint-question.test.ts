import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NONCE_BYTES } from './ask-router.ts';
import { parseAnswer, parseQuestion, writeAnswer, writeQuestion } from './endpoint-question.ts';

const NONCE = Uint8Array.from({ length: NONCE_BYTES }, (_, i) => i);

it('reads back a question and its answer', () => {
  expect(parseQuestion(writeQuestion(NONCE))).toEqual(NONCE);
  expect(parseAnswer(writeAnswer(NONCE, '198.51.100.1:20000'), NONCE)).toMatchObject({
    address: '198.51.100.1',
    port: 20_000,
  });
  expect(parseAnswer(writeAnswer(NONCE, '[2001:db8::1]:51820'), NONCE)).toMatchObject({
    address: '2001:db8::1',
  });
});

it('takes no answer to another question, and nothing that is no endpoint', () => {
  const other = Uint8Array.from(NONCE).fill(9);
  expect(parseAnswer(writeAnswer(other, '198.51.100.1:1'), NONCE)).toBeUndefined();
  for (const text of ['', '198.51.100.1', '198.51.100.1:0', 'x'.repeat(100), '1.2.3.4:5\n'])
    expect([text, parseAnswer(writeAnswer(NONCE, text), NONCE)]).toEqual([text, undefined]);
});

it('survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      parseQuestion(bytes);
      parseAnswer(bytes, NONCE);
      parseAnswer(Uint8Array.from([...writeAnswer(NONCE, ''), ...bytes]), NONCE);
    }),
    { numRuns: 2000 },
  );
});
