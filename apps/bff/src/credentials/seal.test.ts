import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEY_BYTES, NONCE_BYTES, seal, unseal } from './seal.ts';

const key = randomBytes(KEY_BYTES);
const options = { key, owner: 'aws-east' };
const sealed = seal('token 7f3a', randomBytes(NONCE_BYTES), options);

test('opens with the same key and owner, and holds nothing of the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, owner) => {
      const one = seal(text, randomBytes(NONCE_BYTES), { key, owner });
      expect(unseal(one, { key, owner })).toBe(Buffer.from(text).toString('utf8'));
    }),
  );
  expect(Buffer.from(sealed).toString('latin1')).not.toContain('7f3a');
});

test('opens with no other key and for no other cluster', () => {
  expect(unseal(sealed, { ...options, key: randomBytes(KEY_BYTES) })).toBeUndefined();
  expect(unseal(sealed, { ...options, owner: 'gke-west' })).toBeUndefined();
});

test('does not open where any byte was changed, or is missing', () => {
  for (let index = 0; index < sealed.byteLength; index++) {
    const changed = Uint8Array.from(sealed);
    changed[index] = changed[index]! ^ 1;
    expect(unseal(changed, options)).toBeUndefined();
    expect(unseal(sealed.subarray(0, index), options)).toBeUndefined();
  }
});
