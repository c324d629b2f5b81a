import { isIPv4 } from 'node:net';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** Where an API server listens: `https://host[:port][/path]`, without a trailing slash. */
export type ServerUrl = string & { readonly __brand: 'ServerUrl' };

export type ServerUrlFault =
  | 'server-not-a-url'
  | 'server-not-https'
  | 'server-with-userinfo'
  | 'server-with-query'
  | 'server-with-fragment'
  | 'server-path-unsafe'
  | 'server-host-not-canonical';

const MAX_LENGTH = 2048;

/**
 * Parses the address of an API server: https only, no user information, no query, no fragment, a path without
 * dot segments or escapes, and a host spelled as it will be dialled (`0x7f.1` or `010.0.0.1` is refused, because
 * two readers may take it for two hosts).
 */
export function parseServerUrl(text: string): Result<ServerUrl, ServerUrlFault> {
  if (text.length > MAX_LENGTH || /[\s\p{Cc}\\]/u.test(text)) return err('server-not-a-url');
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(text);
  if (match === null) return err(/^[a-z][a-z0-9+.-]*:/i.test(text) ? 'server-not-https' : 'server-not-a-url');
  const [, scheme = '', authority = '', path = '', query, fragment] = match;
  if (scheme.toLowerCase() !== 'https') return err('server-not-https');
  if (authority.includes('@')) return err('server-with-userinfo');
  if (query !== undefined) return err('server-with-query');
  if (fragment !== undefined) return err('server-with-fragment');
  if (!/^(\/[A-Za-z0-9._~-]+)*\/?$/.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)) {
    return err('server-path-unsafe');
  }
  if (!URL.canParse(text)) return err('server-not-a-url');
  const url = new URL(text);
  const port = /:(\d*)$/.exec(authority);
  const host = port === null ? authority : authority.slice(0, port.index);
  if (host === '' || !isCanonicalHost(host, url.hostname)) return err('server-host-not-canonical');
  if (url.port === '0') return err('server-not-a-url');
  return ok((url.origin + path.replace(/\/$/, '')) as ServerUrl);
}

/** The host as sockets want it: IPv6 without brackets. */
export function hostOf(server: ServerUrl): string {
  return new URL(server).hostname.replace(/^\[|\]$/g, '');
}

function isCanonicalHost(written: string, parsed: string): boolean {
  if (written.toLowerCase() !== parsed) return false;
  if (parsed.startsWith('[')) return true;
  const labels = parsed.replace(/\.$/, '').split('.');
  if (isIPv4(parsed)) return true;
  if (/^\d+$/.test(labels.at(-1) ?? '')) return false;
  return labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
}
