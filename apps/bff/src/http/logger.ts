import pino, { type DestinationStream, type Logger } from 'pino';

/** Fields that never reach the log, wherever a log call puts them. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'set-cookie', 'token'];

/**
 * The log of the process: JSON lines on stderr. A request is its method and path; its query, which may hold a
 * one-time token, and its headers are left out.
 */
export function createLogger(options: { level?: string; destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'warn',
      base: null,
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [quoted(field), `*${quoted(field)}`, `*.*${quoted(field)}`]),
        censor: '[secret]',
      },
      serializers: {
        req: (request: { method?: string; url?: string }) => ({
          method: request.method,
          path: pathOf(request.url ?? ''),
        }),
        res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
        err: (error: unknown) => pino.stdSerializers.err(error as Error),
      },
    },
    options.destination ?? pino.destination({ fd: 2, sync: false }),
  );
}

function quoted(field: string): string {
  return `["${field}"]`;
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 256);
}
