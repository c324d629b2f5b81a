import type { DriftDetail } from '@flatland/bff/api/drift';
import type { DriftedField, DriftedObject, FieldWriter } from '@flatland/shared/plan/drift';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import { cutText, visibleText } from '../../lib/cut-text.ts';
import { plural, timeText } from '../../lib/format.ts';

const MOST_OF_A_NAME = 80;

/** Whether an object, looked at now, still is not what was applied. */
export function isDrifted({ how, fields }: Pick<DriftDetail, 'how' | 'fields'>): boolean {
  return how === 'deleted' || fields.some((field) => field.drifted);
}

/** `Domain red`. */
export function objectName({ kind, name }: ObjectRef): string {
  return `${kind} ${name}`;
}

/** `onprem-fra / analytics`. */
export function objectPlace({ cluster, namespace }: ObjectRef): string {
  return namespace === undefined ? cluster : `${cluster} / ${namespace}`;
}

/** What became of an object, in few words: how many fields, and the first of them. */
export function whatDrifted({ how, paths: [first, ...more] }: Pick<DriftedObject, 'how' | 'paths'>): string {
  if (how === 'deleted') return 'deleted';
  const field = shortened(first ?? '');
  return more.length === 0 ? field : `${plural(1 + more.length, 'field')}: ${field}, …`;
}

/** How an object differs, as a sentence. */
export function driftSentence({
  how,
  fields,
}: Pick<DriftedObject, 'how'> & { fields: readonly DriftedField[] }): string {
  if (how === 'deleted') return 'Somebody deleted it after it was applied. Kubernetes does not record who.';
  const drifted = fields.filter((field) => field.drifted).length;
  return drifted === 1
    ? 'One field is not as it was applied.'
    : `${drifted} fields are not as they were applied.`;
}

/** A field manager's name as it fits a badge. */
export function shortened(name: string): string {
  return visibleText(cutText(name, MOST_OF_A_NAME));
}

/** When a manager last wrote, as far as the API says. */
export function writtenText({ time }: FieldWriter, nowMs: number): string | undefined {
  if (time === undefined) return undefined;
  const atMs = Date.parse(time);
  return Number.isNaN(atMs) ? shortened(time) : timeText(atMs, nowMs);
}
