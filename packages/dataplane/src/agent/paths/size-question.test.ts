import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSizeAnswer, parseSizeQuestion, writeSizeAnswer, writeSizeQuestion } from './size-question.ts';

const NONCE = Uint8Array.from({ length: 16 }, (_, i) => i);

it('is as long as the packet that it stands for, and is answered shortly', () => {
  expect(writeSizeQuestion(NONCE, 1420, 4)).toHaveLength(1420 - 28);
  expect(writeSizeQuestion(NONCE, 1420, 6)).toHaveLength(1420 - 48);
  expect(parseSizeQuestion(writeSizeQuestion(NONCE, 1420, 4))).toEqual(NONCE);
  expect(isSizeAnswer(writeSizeAnswer(NONCE), NONCE)).toBe(true);
  expect(writeSizeAnswer(NONCE).length).toBeLessThan(64);
});

it('takes no answer to another question, and no echo of the question', () => {
  expect(isSizeAnswer(writeSizeAnswer(Uint8Array.from(NONCE).fill(9)), NONCE)).toBe(false);
  expect(isSizeAnswer(writeSizeQuestion(NONCE, 1420, 4), NONCE)).toBe(false);
});

it('survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      parseSizeQuestion(bytes);
      expect(isSizeAnswer(bytes, NONCE)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
