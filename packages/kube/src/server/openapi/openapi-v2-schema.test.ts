import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { definitionOf } from './openapi-v2-schema.ts';

const property = (schema: JsonObject) =>
  (definitionOf('X', { type: 'object', properties: { x: schema } })['properties'] as JsonObject)['x'];

describe('a definition of OpenAPI v2', () => {
  it('has references by the names of v2, with what describes them anew beside them', () => {
    expect(
      property({ description: 'new', default: {}, allOf: [{ $ref: '#/components/schemas/a.B' }] }),
    ).toEqual({ description: 'new', $ref: '#/definitions/a.B' });
    expect(property({ type: 'array', items: { $ref: '#/components/schemas/a.B' } })).toEqual({
      type: 'array',
      items: { $ref: '#/definitions/a.B' },
    });
  });

  it('leaves out what v2 cannot say, and defaults', () => {
    expect(
      property({
        type: 'string',
        default: 'a',
        anyOf: [{}],
        oneOf: [{}],
        not: {},
        allOf: [{ minLength: 1 }],
        pattern: 'a',
      }),
    ).toEqual({ type: 'string', pattern: 'a' });
  });

  it('says nothing of the shape of what may be null, and does not require it', () => {
    expect(
      definitionOf('X', {
        type: 'object',
        required: ['a', 'b'],
        properties: {
          a: { type: 'object', nullable: true, properties: { b: { type: 'string' } } },
          b: { type: 'string' },
        },
      }),
    ).toEqual({ type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } });
  });

  it('says nothing of the shape of what may hold unknown fields, since kubectl would refuse them', () => {
    const open = 'x-kubernetes-preserve-unknown-fields';
    expect(property({ type: 'object', [open]: true, properties: { a: { type: 'string' } } })).toEqual({
      [open]: true,
    });
    const kinds = { 'x-kubernetes-group-version-kind': [{ group: 'g', version: 'v', kind: 'K' }] };
    expect(
      definitionOf('X', { type: 'object', [open]: true, properties: { a: { type: 'string' } }, ...kinds }),
    ).toEqual({ type: 'object', ...kinds });
  });

  it('knows the fields that every embedded resource has', () => {
    expect(
      property({ type: 'object', 'x-kubernetes-embedded-resource': true, required: ['kind'] }),
    ).toMatchObject({
      required: ['kind', 'apiVersion'],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: expect.stringMatching(/ObjectMeta$/) },
      },
    });
  });

  it('calls amounts and numbers-or-texts strings, as Kubernetes does', () => {
    expect(
      definitionOf('io.k8s.apimachinery.pkg.util.intstr.IntOrString', {
        oneOf: [{ type: 'integer' }, { type: 'string' }],
        format: 'int-or-string',
      }),
    ).toEqual({ type: 'string', format: 'int-or-string' });
  });
});
