import type { FieldError, StatusCause } from '../schema/field-error.ts';

/** `metav1.Status`: what the API answers instead of an object. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, string>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** A resource or kind with its group, as messages name it: `deployments.apps`. */
export interface Qualified {
  readonly group: string;
  readonly name: string;
}

/** Thrown anywhere below the HTTP handler; carries the Status that the client gets. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'failure');
    this.name = 'StatusError';
    this.status = status;
  }
}

/** Prints `resource.group`, or the bare resource of the core group. */
export function qualifiedName(qualified: Qualified): string {
  return qualified.group === '' ? qualified.name : `${qualified.name}.${qualified.group}`;
}

export function notFound(resource: Qualified, name: string): StatusError {
  return failure(404, 'NotFound', `${qualifiedName(resource)} ${quote(name)} not found`, of(resource, name));
}

/** `isDying` says that the object in the way is being deleted. */
export function alreadyExists(resource: Qualified, name: string, isDying = false): StatusError {
  const exists = `${qualifiedName(resource)} ${quote(name)} already exists`;
  const message = isDying ? `object is being deleted: ${exists}` : exists;
  return failure(409, 'AlreadyExists', message, of(resource, name));
}

export function conflict(resource: Qualified, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(resource)} ${quote(name)}: ${why}`;
  return failure(409, 'Conflict', message, of(resource, name));
}

/** A server-side apply that another manager's fields refuse. */
export function applyConflict(message: string, causes: StatusCause[]): StatusError {
  return failure(409, 'Conflict', message, { causes });
}

/** 422 with one cause for each wrong field. `kind` is the object's kind, not its resource. */
export function invalid(kind: Qualified, name: string, errors: readonly FieldError[]): StatusError {
  const subject = `${qualifiedName(kind)} ${quote(name)} is invalid`;
  const causes = errors.map(({ reason, message, field }) => ({ reason, message, field }));
  const message = errors.length === 0 ? subject : `${subject}: ${aggregate(errors)}`;
  return failure(422, 'Invalid', message, { ...of(kind, name), causes });
}

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

/** A patch that is well formed but cannot be carried out on the object; kube-apiserver does not say why. */
export function unprocessable(): StatusError {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** A failure for which kube-apiserver knows no status. */
export function unexpected(message: string): StatusError {
  return failure(500, undefined, message);
}

export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(resource: Qualified, name: string, why: string): StatusError {
  const subject = resource.name === '' ? 'forbidden' : `${qualifiedName(resource)} `;
  const named = name === '' ? 'is forbidden' : `${quote(name)} is forbidden`;
  const message = resource.name === '' ? `forbidden: ${why}` : `${subject}${named}: ${why}`;
  return failure(403, 'Forbidden', message, of(resource, name));
}

export function methodNotSupported(resource: Qualified, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${quote(qualifiedName(resource))}`;
  return failure(405, 'MethodNotAllowed', message, of(resource, ''));
}

/** The answer for a path or method that no resource serves. */
export function noSuchPath(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): StatusError {
  return failure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** Part of the Kubernetes API that this server leaves out, said in so many words. */
export function notServed(what: string): StatusError {
  return failure(501, 'NotImplemented', `${what} is not served by the embedded API server`);
}

export function expired(message: string): StatusError {
  return failure(410, 'Expired', message);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`;
  return failure(406, 'NotAcceptable', message);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure(415, 'UnsupportedMediaType', message);
}

export function tooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message);
}

export function internalError(why: string): StatusError {
  const causes = [{ message: why } as StatusCause];
  return failure(500, 'InternalError', `Internal error occurred: ${why}`, { causes });
}

/** The disk is full: nothing was written, reads go on, and a later try may pass (RFC 4918 §11.5). */
export function insufficientStorage(why: string): StatusError {
  const causes = [{ message: why } as StatusCause];
  return failure(507, 'InternalError', `Internal error occurred: ${why}`, { causes });
}

/** Something behind the server (a kubelet, a pod) does not answer. */
export function badGateway(message: string): StatusError {
  return failure(502, 'ServiceUnavailable', message);
}

export function timeout(message: string): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`);
}

/** The Status of a success that has no object to show, such as a delete; it says no code. */
export function success(details?: StatusDetails): Omit<Status, 'code'> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details && { details }),
  };
}

/** Quotes as Go's %q does for the names that occur. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: StatusDetails,
): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason !== undefined && { reason }),
    ...(details && { details }),
    code,
  });
}

function of(subject: Qualified, name: string): StatusDetails {
  return {
    ...(name !== '' && { name }),
    ...(subject.group !== '' && { group: subject.group }),
    ...(subject.name !== '' && { kind: subject.name }),
  };
}

/** apimachinery's `ErrorList.ToAggregate`: one error bare, several in brackets, repeats once. */
function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
