import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileCrdSchema } from '../schema/compile-crd-schema.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import { objectTypeOf } from './object-type.ts';
import { applyServerSide, updateManagedFields, type Writer } from './server-side-apply.ts';

/**
 * Random sequences of applies and updates over random schemas, with what Kubernetes' own field management
 * (apimachinery 0.32.13 over structured-merge-diff 4.4.2) made of them.
 */
const sequences = readFileSync(
  new URL('./testdata/structured-merge-diff-4.4.2.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Sequence);

interface Sequence {
  readonly crd: JsonObject;
  readonly hasStatus: boolean;
  readonly steps: readonly Step[];
}

interface Step {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force?: boolean;
  readonly sub?: string;
  readonly object: JsonObject;
  readonly error?: string;
  readonly causes?: readonly { field: string; message: string }[];
  readonly result?: { spec?: JsonValue; status?: JsonValue; metadata: JsonObject; managers: JsonValue[] };
}

describe('server-side apply agrees with structured-merge-diff', () => {
  test.each(sequences.map((sequence, index) => [index, sequence] as const))(
    'in sequence %i',
    (_index, sequence) => {
      const schema = compileCrdSchema(sequence.crd);
      if (!schema.ok) throw new Error(JSON.stringify(schema.error));
      const type = objectTypeOf({ apiVersion: 'x.io/v1', kind: 'X', schema: schema.value });
      let live: JsonObject | undefined;
      for (const step of sequence.steps) {
        const writer: Writer = {
          type,
          manager: step.manager,
          subresource: step.sub ?? '',
          hasStatus: sequence.hasStatus,
          nowMs: 1_700_000_000_000,
        };
        const outcome = run(writer, live, step);
        if (step.error !== undefined) {
          expect(outcome).toMatchObject({ error: step.error });
          expect(causesOf(outcome.causes ?? [])).toEqual(causesOf(step.causes ?? []));
          continue;
        }
        expect(summary(outcome.object!)).toEqual(sortedResult(step.result!));
        live = withUid(outcome.object!);
      }
    },
  );
});

function run(writer: Writer, live: JsonObject | undefined, step: Step) {
  if (step.op === 'update') return { object: updateManagedFields(writer, live, step.object) };
  const applied = applyServerSide(writer, { live, config: step.object, force: step.force === true });
  if (applied.ok) return { object: applied.value.object };
  const { error } = applied;
  return { error: error.message, causes: error.kind === 'conflict' ? error.causes : [] };
}

function causesOf(causes: readonly { field: string; message: string }[]): string[] {
  return causes.map(({ field, message }) => `${field} ${message}`).toSorted();
}

/** The server gives an object its uid; updates are told from creates by it. */
function withUid(object: JsonObject): JsonObject {
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), uid: 'u' } };
}

function summary(object: JsonObject) {
  const { managedFields, uid: _uid, ...metadata } = object['metadata'] as JsonObject;
  const managers = (Array.isArray(managedFields) ? managedFields : [])
    .filter(isJsonObject)
    .map((entry) => [
      getOwn(entry, 'operation')!,
      getOwn(entry, 'manager')!,
      getOwn(entry, 'subresource') ?? '',
      getOwn(entry, 'time') === undefined ? 0 : 1,
      getOwn(entry, 'fieldsV1')!,
    ]);
  return sortedResult({
    ...(object['spec'] !== undefined && { spec: object['spec'] }),
    ...(object['status'] !== undefined && { status: object['status'] }),
    metadata,
    managers,
  });
}

/** Entries are written sorted by time; all of these are of one moment, and upstream's were not. */
function sortedResult(result: NonNullable<Step['result']>) {
  return {
    ...result,
    managers: result.managers.toSorted((left, right) =>
      JSON.stringify(left) < JSON.stringify(right) ? -1 : 1,
    ),
  };
}
