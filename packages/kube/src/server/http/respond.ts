import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { Status } from '../status/status.ts';

/** Sends a finished JSON text, or the same in YAML. */
export function sendText(
  response: ServerResponse,
  code: number,
  json: string,
  format: 'json' | 'yaml' = 'json',
): void {
  const body =
    format === 'json' ? `${json}\n` : stringify(JSON.parse(json), { aliasDuplicateObjects: false });
  send(response, code, format === 'json' ? 'application/json' : 'application/yaml', body);
}

export function sendObject(
  response: ServerResponse,
  code: number,
  object: object,
  format: 'json' | 'yaml' = 'json',
): void {
  sendText(response, code, JSON.stringify(object), format);
}

export function sendStatus(response: ServerResponse, status: Status, format: 'json' | 'yaml' = 'json'): void {
  const wait = status.details?.retryAfterSeconds;
  if (wait !== undefined) response.setHeader('Retry-After', String(wait));
  if (status.code === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  sendObject(response, status.code, status, format);
}

export function sendPlain(response: ServerResponse, code: number, text: string): void {
  send(response, code, 'text/plain; charset=utf-8', text);
}

export function sendBytes(
  response: ServerResponse,
  code: number,
  contentType: string,
  bytes: Uint8Array,
): void {
  send(response, code, contentType, bytes);
}

/** Adds a warning that kubectl prints (RFC 7234 §5.5, code 299); the same once. */
export function addWarning(response: ServerResponse, text: string): void {
  const quoted = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  const warning = `299 - "${quoted}"`;
  if (![response.getHeader('Warning')].flat().includes(warning)) response.appendHeader('Warning', warning);
}

function send(response: ServerResponse, code: number, contentType: string, body: string | Uint8Array): void {
  if (response.headersSent || response.destroyed) return;
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  response.writeHead(code, {
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache, private',
    'X-Content-Type-Options': 'nosniff',
  });
  endWith(response, bytes);
}

/** Well below what a socket buffers before it counts as full. */
const MAX_LAST_BYTES = 16 * 1024;

/**
 * Ends an answer so that its last bytes leave only when all others have left. Node 26 closes a TLS connection
 * (HPE_PAUSED) whose next request comes while the socket still counts the last answer as a full buffer.
 */
export function endWith(response: ServerResponse, bytes: Buffer): void {
  if (bytes.length <= MAX_LAST_BYTES) {
    response.end(bytes);
    return;
  }
  const split = bytes.length - MAX_LAST_BYTES;
  response.write(bytes.subarray(0, split), () => response.end(bytes.subarray(split)));
}
