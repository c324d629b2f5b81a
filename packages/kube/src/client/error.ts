/** One field that the API found wrong, or that another manager owns (`meta/v1` StatusCause). */
export type StatusCause = { readonly reason: string; readonly message: string; readonly field: string };

type Common = {
  /** The API's or the client's text, without any secret. */
  readonly message: string;
  readonly cluster: string;
  /** What was asked, for example `GET /api/v1/nodes`. */
  readonly request: string;
  /** The HTTP status, where there was an answer. */
  readonly httpStatus?: number;
};

/** Everything that a request can end in besides success. */
export type KubeError = Common &
  (
    | { readonly kind: 'notFound' }
    | { readonly kind: 'alreadyExists' }
    /** Somebody else changed the object (409), or owns the fields (`causes` name them, server-side apply). */
    | { readonly kind: 'conflict'; readonly causes: readonly StatusCause[] }
    | { readonly kind: 'invalid'; readonly causes: readonly StatusCause[] }
    | { readonly kind: 'badRequest' }
    | { readonly kind: 'forbidden' }
    | { readonly kind: 'unauthorized' }
    /** The resourceVersion or the continue token is too old: list again. */
    | { readonly kind: 'gone' }
    | { readonly kind: 'tooManyRequests'; readonly retryAfterMs: number | undefined }
    | { readonly kind: 'methodNotAllowed' }
    | { readonly kind: 'unsupported' }
    | { readonly kind: 'tooLarge' }
    /** No answer in time: a change may or may not have been made. */
    | { readonly kind: 'timeout' }
    /** The cluster does not answer: refused, reset, 502 to 504, or known to be away (circuit breaker). */
    | { readonly kind: 'unavailable'; readonly retryAfterMs: number | undefined; readonly sent: boolean }
    | { readonly kind: 'serverError' }
    /** The server's certificate is not the one expected. */
    | { readonly kind: 'untrusted' }
    /** The client's own rules forbid to dial that address. */
    | { readonly kind: 'addressRefused' }
    /** The answer is not what the Kubernetes API answers: no JSON, cut off, a redirect. */
    | { readonly kind: 'protocol' }
    | { readonly kind: 'aborted' }
  );

export type KubeErrorKind = KubeError['kind'];

/** A `KubeError` as an exception, for callers that cannot go on without the answer. */
export class KubeRequestError extends Error {
  readonly error: KubeError;

  constructor(error: KubeError) {
    super(describeError(error));
    this.name = 'KubeRequestError';
    this.error = error;
  }
}

/** One line for people: cluster, request, text. */
export function describeError(error: KubeError): string {
  return `${error.cluster}: ${error.request}: ${error.message}`;
}

/** Gives the value, or throws the error as `KubeRequestError`. */
export function orThrow<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: KubeError },
): T {
  if (!result.ok) throw new KubeRequestError(result.error);
  return result.value;
}
