import type { Refusal } from '@flatland/shared/reason/reasons';
import type { KubeError } from './error.ts';

/** A field that another manager owns, as the API names it: `.spec.mtuBytes`. */
export interface FieldConflict {
  readonly field: string;
  readonly manager: string;
}

/** True where nobody answered, so that the call is worth repeating when somebody does. */
export function isAway(error: KubeError): boolean {
  return error.kind === 'unavailable' || error.kind === 'timeout' || error.kind === 'tooManyRequests';
}

/** What people are told of a call that a cluster refused; admission's own text is kept. */
export function refusalOf(error: KubeError): Refusal {
  const detail = `${error.cluster}: ${error.message}`;
  if (isAway(error)) return { code: 'cluster-unreachable', detail };
  if (ADMISSION.test(error.message)) return { code: 'webhook-refused', detail };
  if (error.kind === 'forbidden' || error.kind === 'unauthorized') return { code: 'forbidden', detail };
  if (error.kind === 'invalid') return { code: 'invalid-object', detail };
  if (error.kind === 'conflict' && error.causes.length > 0) return { code: 'field-conflict', detail };
  if (error.kind === 'conflict') return { code: 'changed-meanwhile', detail };
  return { code: 'apply-failed', detail };
}

/** The fields that other managers own, of a server-side apply that was refused for them. */
export function conflictsOf(error: KubeError): FieldConflict[] {
  if (error.kind !== 'conflict') return [];
  return error.causes
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({
      field,
      manager: /^conflict with "([^"]*)"/.exec(message)?.[1] ?? message,
    }));
}

// `admission webhook "x" denied the request: …`; `ValidatingAdmissionPolicy 'x' with binding 'y' denied request: …`
const ADMISSION = /admission webhook "|ValidatingAdmissionPolicy '/;
