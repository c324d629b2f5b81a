import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { openApiV2Protobuf } from './openapi-v2-protobuf.ts';

/** A document with every keyword that is published, and what gnostic makes of it (`bin/encode-openapi-v2.go`). */
const sample = JSON.parse(
  readFileSync(new URL('./testdata/gnostic-0.6.8.json', import.meta.url), 'utf8'),
) as { document: JsonObject; protobuf: string };

test('an OpenAPI v2 document in protobuf is, byte for byte, what gnostic writes', () => {
  expect(Buffer.from(openApiV2Protobuf(sample.document)).toString('base64')).toBe(sample.protobuf);
});

test('a keyword that has no field is an error, not silence', () => {
  const document = { ...sample.document, definitions: { X: { oneOf: [] } } };
  expect(() => openApiV2Protobuf(document)).toThrow('no protobuf field for oneOf');
});
