import pino from 'pino';
import type { LogPort } from '../ports/log.ts';

const LEVELS = {
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  silent: 'silent',
};

/**
 * Lines of JSON on standard error. The level is `LOG_LEVEL`: `debug` (or wireguard-go's `verbose`), `info`, `warn`,
 * `error`, `silent`. Keys are never logged, addresses of peers only at debug.
 */
export function processLog(environment: NodeJS.ProcessEnv): LogPort {
  const wanted = environment['LOG_LEVEL'] ?? 'info';
  const level = Object.entries(LEVELS).find(([name]) => name === wanted)?.[1] ?? 'info';
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}
