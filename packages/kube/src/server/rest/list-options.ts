import { isTrue } from '../http/request-info.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';
import { parseFieldSelector, selectedName, type FieldMatcher } from '../selector/field-selector.ts';
import { parseLabelSelector } from '../selector/label-selector.ts';
import { badRequest, invalid } from '../status/status.ts';

/** The query of a list, watch or deletecollection (`metav1.ListOptions`). */
export interface ListOptions {
  readonly matches: (object: KubeObject) => boolean;
  /** Whether `matches` can say no. */
  readonly selective: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** 0 is no limit. */
  readonly limit: number;
  readonly continueToken: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/**
 * Reads and checks list options.
 *
 * @throws StatusError 400 or 422
 */
export function parseListOptions(
  query: URLSearchParams,
  definition: ResourceDefinition,
  watch: boolean,
): ListOptions {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const fitsLabels = labels === '' ? undefined : parseLabelSelector(labels);
  const readFields = fields === '' ? undefined : parseFieldSelector(fields);
  let fitsFields: FieldMatcher | undefined;
  const sendInitialEvents = query.get('sendInitialEvents');
  const limit = parseCount(query, 'limit') ?? 0;
  const continueToken = query.get('continue') ?? '';
  // One object that is named is read, and there is nothing to go on with.
  const isOfOne = continueToken === '' && selectedName(fields) !== undefined;
  const options: ListOptions = {
    matches: (object) =>
      (fitsLabels?.(object.metadata.labels ?? {}) ?? true) && (fitsFields?.(object) ?? true),
    selective: fitsLabels !== undefined || readFields !== undefined,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    limit: isOfOne ? 0 : limit,
    continueToken,
    timeoutSeconds: parseCount(query, 'timeoutSeconds'),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
  };
  const errors = watch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', name: 'ListOptions' }, '', errors);
  fitsFields = readFields?.(definition);
  return options;
}

/**
 * Reads a resourceVersion that must be a number.
 *
 * @throws StatusError 400
 */
export function parseRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

function parseCount(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, Number(text));
}

const MATCHES = ['Exact', 'NotOlderThan'];

function listErrors({
  resourceVersion,
  resourceVersionMatch: match,
  continueToken,
  sendInitialEvents,
}: ListOptions) {
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '')
      errors.push(
        refuse(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    if (continueToken !== '')
      errors.push(
        refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'),
      );
    if (!MATCHES.includes(match)) errors.push(unsupported(match, `"Exact", "NotOlderThan", ""`));
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(
        refuse('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
    }
  }
  if (sendInitialEvents !== undefined)
    errors.push(refuse('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, continueToken }: ListOptions) {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(
      refuse(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      errors.push(
        refuse(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    }
    if (match !== 'NotOlderThan') errors.push(unsupported(match, '"NotOlderThan"'));
    if (continueToken !== '')
      errors.push(
        refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'),
      );
  }
  return errors;
}

function refuse(field: string, why: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

function unsupported(match: string, supported: string): FieldError {
  const message = `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`;
  return { reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message };
}
