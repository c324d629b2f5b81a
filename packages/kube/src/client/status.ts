import { isRecord } from '@flatland/shared/is-record';
import type { KubeError, StatusCause } from './error.ts';

type Answer = {
  readonly cluster: string;
  readonly request: string;
  readonly httpStatus: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
};

const MAX_MESSAGE_LENGTH = 4096;

/**
 * The typed error of an answer that is no success. The reason of a `meta/v1` Status decides; where the body is
 * none, the HTTP status does.
 */
export function errorFromAnswer(answer: Answer): KubeError {
  const status = parseStatus(answer.body);
  const common = {
    message: status.message ?? `the API answered HTTP ${answer.httpStatus}`,
    cluster: answer.cluster,
    request: answer.request,
    httpStatus: answer.httpStatus,
  };
  const retryAfterMs = answer.retryAfterMs ?? status.retryAfterMs;
  switch (status.reason ?? reasonOfHttpStatus(answer.httpStatus)) {
    case 'NotFound':
      return { ...common, kind: 'notFound' };
    case 'AlreadyExists':
      return { ...common, kind: 'alreadyExists' };
    case 'Conflict':
      return { ...common, kind: 'conflict', causes: status.causes };
    case 'Invalid':
      return { ...common, kind: 'invalid', causes: status.causes };
    case 'BadRequest':
      return { ...common, kind: 'badRequest' };
    case 'Forbidden':
      return { ...common, kind: 'forbidden' };
    case 'Unauthorized':
      return { ...common, kind: 'unauthorized' };
    case 'Gone':
    case 'Expired':
      return { ...common, kind: 'gone' };
    case 'TooManyRequests':
      return { ...common, kind: 'tooManyRequests', retryAfterMs };
    case 'MethodNotAllowed':
      return { ...common, kind: 'methodNotAllowed' };
    case 'NotAcceptable':
    case 'UnsupportedMediaType':
      return { ...common, kind: 'unsupported' };
    case 'RequestEntityTooLarge':
      return { ...common, kind: 'tooLarge' };
    case 'Timeout':
      return { ...common, kind: 'timeout' };
    case 'ServerTimeout':
    case 'ServiceUnavailable':
      return { ...common, kind: 'unavailable', retryAfterMs, sent: true };
    default:
      return answer.httpStatus >= 500 ? { ...common, kind: 'serverError' } : { ...common, kind: 'protocol' };
  }
}

function reasonOfHttpStatus(httpStatus: number): string {
  const reasons: Readonly<Record<number, string>> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    405: 'MethodNotAllowed',
    406: 'NotAcceptable',
    409: 'Conflict',
    410: 'Gone',
    413: 'RequestEntityTooLarge',
    415: 'UnsupportedMediaType',
    422: 'Invalid',
    429: 'TooManyRequests',
    502: 'ServiceUnavailable',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return reasons[httpStatus] ?? 'Unknown';
}

type ParsedStatus = {
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | undefined;
};

function parseStatus(body: unknown): ParsedStatus {
  const none: ParsedStatus = { reason: undefined, message: undefined, causes: [], retryAfterMs: undefined };
  if (!isRecord(body) || body['kind'] !== 'Status') return none;
  const details = isRecord(body['details']) ? body['details'] : {};
  const seconds = details['retryAfterSeconds'];
  return {
    reason: text(body['reason']),
    message: text(body['message']),
    causes: Array.isArray(details['causes']) ? details['causes'].flatMap(parseCause) : [],
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

function parseCause(cause: unknown): StatusCause[] {
  if (!isRecord(cause)) return [];
  return [
    {
      reason: text(cause['reason']) ?? '',
      message: text(cause['message']) ?? '',
      field: text(cause['field']) ?? '',
    },
  ];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_MESSAGE_LENGTH) : undefined;
}
