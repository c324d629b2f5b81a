import type { KubeError } from '@flatland/kube/client/error';
import { conflictsOf, refusalOf } from '@flatland/kube/client/refusal-of';
import { REASONS } from '@flatland/shared/reason/reasons';
import type { Refusal } from '@flatland/shared/reason/reasons';
import type { Result } from '@flatland/shared/result';
import { CommandError } from '../io/command-error.ts';

/** Next actions that are other ones here than in the console. */
const NEXT: Partial<Record<Refusal['code'], string>> = {
  'field-conflict': 'Let its manager give the field up, or take it over with --force-conflicts',
  forbidden:
    'Use credentials that may write namespaces, CustomResourceDefinitions, roles, admission policies and workloads',
  'changed-meanwhile': 'Run it again',
  'apply-failed': 'Run it again; what was done stays done',
};

/** A call that a cluster refused, as a failure of the command: what, why, and the next action. */
export function refused(what: string, error: KubeError): CommandError {
  return refusedAll([{ what, error }]);
}

/** Several refused calls as one failure. The next action is that of the first. */
export function refusedAll(
  refusals: readonly { readonly what: string; readonly error: KubeError }[],
): CommandError {
  const [first] = refusals;
  if (first === undefined) throw new Error('nothing was refused');
  const { code } = refusalOf(first.error);
  const lines = refusals.map(({ what, error }) => `${what}: ${textOf(error)}`);
  return new CommandError(lines.join('\n'), { next: NEXT[code] ?? REASONS[code].next });
}

/** The value of a call that must succeed. */
export function orRefused<T>(what: string, result: Result<T, KubeError>): T {
  if (!result.ok) throw refused(what, result.error);
  return result.value;
}

function textOf(error: KubeError): string {
  const conflicts = conflictsOf(error);
  const { code } = refusalOf(error);
  if (conflicts.length === 0) return `${REASONS[code].title}: ${error.message}`;
  const fields = conflicts.map(({ field, manager }) => `${field} is ${manager}’s`);
  return `${REASONS[code].title}: ${fields.join(', ')}`;
}
