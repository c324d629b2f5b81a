/** Fields of a log line. Keys are never among them; addresses only at debug. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logging as a seam; pino fits it. */
export interface LogPort {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Says nothing. */
export const SILENT_LOG: LogPort = { debug() {}, info() {}, warn() {}, error() {} };
