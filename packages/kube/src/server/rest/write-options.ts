import { printable } from '../model/text.ts';
import { isTrue } from '../http/request-info.ts';
import type { FieldError } from '../schema/field-error.ts';
import { forbidden, notSupported, required } from '../schema/field-error.ts';
import { goStrings } from '../schema/go-print.ts';
import type { JsonObject } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import { badRequest, invalid } from '../status/status.ts';

/** The query of a create, update or patch. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly force: boolean | undefined;
}

/** The body or query of a delete (`metav1.DeleteOptions`). */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: PropagationPolicy | undefined;
  /** Set by the deprecated orphanDependents. */
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

const POLICIES: readonly PropagationPolicy[] = ['Orphan', 'Background', 'Foreground'];
const MANAGER_LIMIT = 128;

/**
 * Reads write options. The field manager falls back to the client's name, as Kubernetes does, but not in an apply.
 *
 * @throws StatusError 400 or 422
 */
export function parseWriteOptions(
  query: URLSearchParams,
  userAgent: string | undefined,
  kind: string,
  patch?: 'apply' | 'patch',
): WriteOptions {
  const errors: FieldError[] = [];
  const fieldManager = query.get('fieldManager') ?? '';
  if (patch === 'apply' && fieldManager === '')
    errors.push(required('fieldManager', 'is required for apply patch'));
  if (patch === 'patch' && query.has('force'))
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (fieldManager.length > MANAGER_LIMIT) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'fieldManager',
      message: `Too long: may not be more than ${MANAGER_LIMIT} bytes`,
    });
  }
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(unsupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  const dryRun = parseDryRun(query.getAll('dryRun'), errors);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', name: kind }, '', errors);
  return {
    dryRun,
    fieldManager: fieldManager === '' ? managerOf(userAgent) : fieldManager,
    fieldValidation: (fieldValidation || 'Warn') as WriteOptions['fieldValidation'],
    force: query.has('force') ? isTrue(query.get('force')) : undefined,
  };
}

/**
 * Reads delete options from the body where there is one, else from the query.
 *
 * @throws StatusError 400 or 422
 */
export function parseDeleteOptions(query: URLSearchParams, body: JsonObject | undefined): DeleteOptions {
  const source = body ?? fromQuery(query);
  const errors: FieldError[] = [];
  const dryRun = parseDryRun(Array.isArray(source['dryRun']) ? source['dryRun'].map(String) : [], errors);
  const policy = source['propagationPolicy'] ?? undefined;
  const orphan = source['orphanDependents'] ?? undefined;
  if (policy !== undefined && orphan !== undefined) {
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && !POLICIES.includes(policy as PropagationPolicy)) {
    errors.push(unsupported('propagationPolicy', printable(policy), [...POLICIES, 'nil']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', name: 'DeleteOptions' }, '', errors);
  const grace = source['gracePeriodSeconds'] ?? undefined;
  if (grace !== undefined && !Number.isSafeInteger(grace))
    throw badRequest('gracePeriodSeconds must be an integer');
  const preconditions = isJsonObject(source['preconditions']) ? source['preconditions'] : {};
  return {
    dryRun,
    gracePeriodSeconds: grace as number | undefined,
    propagationPolicy: policy as PropagationPolicy | undefined,
    orphanDependents: typeof orphan === 'boolean' ? orphan : undefined,
    preconditions: {
      ...(typeof preconditions['uid'] === 'string' && { uid: preconditions['uid'] }),
      ...(typeof preconditions['resourceVersion'] === 'string' && {
        resourceVersion: preconditions['resourceVersion'],
      }),
    },
  };
}

function fromQuery(query: URLSearchParams): JsonObject {
  const source: JsonObject = {};
  if (query.has('dryRun')) source['dryRun'] = query.getAll('dryRun');
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null && grace !== '') source['gracePeriodSeconds'] = Number(grace);
  const policy = query.get('propagationPolicy');
  if (policy) source['propagationPolicy'] = policy;
  if (query.has('orphanDependents')) source['orphanDependents'] = isTrue(query.get('orphanDependents'));
  return source;
}

function parseDryRun(values: readonly string[], errors: FieldError[]): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All')) errors.push(notSupported('dryRun', goStrings(given), ['All']));
  return given.length > 0;
}

/** apiserver's `managerOrUserAgent`: the user agent up to its first slash. */
function managerOf(userAgent: string | undefined): string {
  const prefix = (userAgent ?? '').split('/')[0]!;
  const printable = prefix.replace(/[^\x20-\x7e]/g, '').slice(0, MANAGER_LIMIT);
  return printable === '' ? 'unknown' : printable;
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const list = supported.map((text) => JSON.stringify(text)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
  };
}
