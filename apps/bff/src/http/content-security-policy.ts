import { createHash } from 'node:crypto';

const NOTHING = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];

/** The policy of everything that is not a page. */
export const CSP_NO_PAGE: string = NOTHING.join('; ');

/**
 * The policy of a page: its own scripts, and inline scripts by their hashes. Styles may be inline because
 * CodeMirror adds `<style>` elements.
 */
export function pagePolicy(html: string): string {
  const hashes = [...new Set(inlineScripts(html).map((script) => `'sha256-${sha256(script)}'`))].sort();
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Contents of the script elements without `src`, byte for byte as a browser hashes them. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)].flatMap(
    ([, attributes = '', text = '']) => (/\ssrc\s*=/i.test(attributes) || text === '' ? [] : [text]),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}
