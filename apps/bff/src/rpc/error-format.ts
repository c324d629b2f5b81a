import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { REASONS, type ReasonCode } from '@flatland/shared/reason/reasons';
import { ConsoleFailure, type ConsoleError, type ConsoleErrorCode } from '../api/console-error.ts';

type OwnCode = Exclude<ConsoleErrorCode, ReasonCode>;

/**
 * What a client is told of an error. A `ConsoleFailure` tells its own text; a zod issue tells the field;
 * anything else is `internal` with an id that the log has too, because its text may hold a secret.
 */
export function formatError(error: TRPCError, logId: () => string): ConsoleError {
  const { cause } = error;
  if (cause instanceof ConsoleFailure) return tell(cause);
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    return { code: 'internal', message: `Internal error ${logId()}`, ...OWN['internal'] };
  }
  const code = OWN_OF_TRPC[error.code] ?? 'invalid-input';
  const message = isIssues(cause) ? issuesText(cause) : PLAIN[code];
  return { code, message, ...OWN[code] };
}

/** The tRPC code, and so the HTTP status, of a failure. */
export function trpcCode(code: ConsoleErrorCode): TRPC_ERROR_CODE_KEY {
  return isOwn(code) ? TRPC_OF_OWN[code] : 'UNPROCESSABLE_CONTENT';
}

/** A failure as tRPC carries it. */
export function toTrpcError(failure: ConsoleFailure): TRPCError {
  return new TRPCError({ code: trpcCode(failure.code), message: failure.message, cause: failure });
}

const OWN: Readonly<Record<OwnCode, { hint: string; retryable: boolean }>> = {
  'already-connected': { hint: 'Replace its credentials, or disconnect it first', retryable: false },
  'another-cluster': {
    hint: 'Give credentials of the same cluster, or connect the other by itself',
    retryable: false,
  },
  busy: { hint: 'Try again in a moment', retryable: true },
  'cli-only': { hint: 'Run it with the flatland command', retryable: false },
  internal: { hint: 'Look for the id in the log', retryable: true },
  'invalid-input': { hint: 'Correct the named field', retryable: false },
  'kubeconfig-cluster': {
    hint: 'Change the kubeconfig that the console was started with, and start it again',
    retryable: false,
  },
  'kubeconfig-refused': { hint: 'Correct the kubeconfig, and give it again', retryable: false },
  'not-found': { hint: 'Reload the list', retryable: false },
  'not-signed-in': { hint: 'Open a new link: npx flatland open', retryable: false },
  'plan-changed': { hint: 'Review the new plan', retryable: false },
  'plan-empty': { hint: 'Nothing to do', retryable: false },
  'plan-refused': { hint: 'Change or remove the refused edits', retryable: false },
  'preflight-failed': { hint: 'Do what the failed lines say', retryable: true },
  starting: { hint: 'Wait until the clusters are read', retryable: true },
  'storage-failed': { hint: 'Check the data directory', retryable: true },
  'storage-full': { hint: 'Make space on the disk of the data directory, then try again', retryable: true },
  'too-large': { hint: 'Send less at once', retryable: false },
  'too-many-requests': { hint: 'Wait a little', retryable: true },
  unacknowledged: { hint: 'Read and acknowledge the warnings', retryable: false },
  'wrong-state': { hint: 'Reload the change set', retryable: false },
};

const PLAIN: Readonly<Record<OwnCode, string>> = {
  'already-connected': 'The cluster is connected already',
  'another-cluster': 'The credentials are of another cluster',
  busy: 'The console is busy',
  'cli-only': 'Only the command line may do this',
  internal: 'Internal error',
  'invalid-input': 'The request cannot be read',
  'kubeconfig-cluster': 'The cluster comes from the kubeconfig',
  'kubeconfig-refused': 'The kubeconfig cannot be used',
  'not-found': 'No such procedure',
  'not-signed-in': 'Nobody is signed in',
  'plan-changed': 'The plan changed',
  'plan-empty': 'Nothing is to be changed',
  'plan-refused': 'The plan is refused',
  'preflight-failed': 'The preflight failed',
  starting: 'The console is starting',
  'storage-failed': 'The journal cannot be written',
  'storage-full': 'The disk is full',
  'too-large': 'The request is too large',
  'too-many-requests': 'Too many requests',
  unacknowledged: 'The plan has warnings',
  'wrong-state': 'The change set is not in a state for this',
};

const TRPC_OF_OWN: Readonly<Record<OwnCode, TRPC_ERROR_CODE_KEY>> = {
  'already-connected': 'CONFLICT',
  'another-cluster': 'CONFLICT',
  busy: 'SERVICE_UNAVAILABLE',
  'cli-only': 'FORBIDDEN',
  internal: 'INTERNAL_SERVER_ERROR',
  'invalid-input': 'BAD_REQUEST',
  'kubeconfig-cluster': 'CONFLICT',
  'kubeconfig-refused': 'UNPROCESSABLE_CONTENT',
  'not-found': 'NOT_FOUND',
  'not-signed-in': 'UNAUTHORIZED',
  'plan-changed': 'CONFLICT',
  'plan-empty': 'UNPROCESSABLE_CONTENT',
  'plan-refused': 'UNPROCESSABLE_CONTENT',
  'preflight-failed': 'UNPROCESSABLE_CONTENT',
  starting: 'SERVICE_UNAVAILABLE',
  'storage-failed': 'SERVICE_UNAVAILABLE',
  'storage-full': 'SERVICE_UNAVAILABLE',
  'too-large': 'PAYLOAD_TOO_LARGE',
  'too-many-requests': 'TOO_MANY_REQUESTS',
  unacknowledged: 'PRECONDITION_FAILED',
  'wrong-state': 'CONFLICT',
};

const OWN_OF_TRPC: Partial<Record<TRPC_ERROR_CODE_KEY, OwnCode>> = {
  BAD_REQUEST: 'invalid-input',
  PARSE_ERROR: 'invalid-input',
  UNAUTHORIZED: 'not-signed-in',
  NOT_FOUND: 'not-found',
  PAYLOAD_TOO_LARGE: 'too-large',
  TOO_MANY_REQUESTS: 'too-many-requests',
  SERVICE_UNAVAILABLE: 'busy',
};

const RETRYABLE_REASONS: ReadonlySet<string> = new Set<ReasonCode>(['cluster-unreachable', 'probe-timeout']);

function tell(failure: ConsoleFailure): ConsoleError {
  const { code, message, objectRef } = failure;
  const text = isOwn(code) ? OWN[code] : { hint: REASONS[code].next, retryable: RETRYABLE_REASONS.has(code) };
  return { code, message, ...text, ...(objectRef === undefined ? {} : { objectRef }) };
}

function isOwn(code: ConsoleErrorCode): code is OwnCode {
  return Object.hasOwn(OWN, code);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function isIssues(cause: unknown): cause is { readonly issues: readonly Issue[] } {
  return typeof cause === 'object' && cause !== null && 'issues' in cause && Array.isArray(cause.issues);
}

const MAX_ISSUES = 5;

function issuesText(cause: { readonly issues: readonly Issue[] }): string {
  return cause.issues
    .slice(0, MAX_ISSUES)
    .map((issue) => `${issue.path.map(String).join('.') || 'input'}: ${issue.message}`)
    .join('; ');
}
