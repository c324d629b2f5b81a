import fc from 'fast-check';
import { expect, test } from 'vitest';
import { echoMessage, isForPod, NONCE_BYTES } from './echo-message.ts';

const nonce = new Uint8Array(NONCE_BYTES).fill(7);

test('a message for a pod is answered by that pod alone', () => {
  const message = echoMessage(nonce, 'uid-of-frontend');
  expect(isForPod(message, 'uid-of-frontend')).toBe(true);
  expect(isForPod(message, 'uid-of-sandbox-api')).toBe(false);
  expect(isForPod(message, undefined)).toBe(false);
});

test('a message for nobody in particular is answered by whoever gets it', () => {
  expect(isForPod(echoMessage(nonce, undefined), 'uid-of-frontend')).toBe(true);
});

test('any bytes are judged without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => typeof isForPod(bytes, 'uid') === 'boolean'),
  );
});
