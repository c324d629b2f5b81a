import { RE2JS } from '@bufbuild/re2';
import { fail, ok, type Result } from './result.ts';

/** A compiled pattern: tells whether it matches anywhere in a text. */
export type Pattern = (text: string) => boolean;

/**
 * Compiles a pattern in RE2's syntax, as Kubernetes reads it. Matching takes time linear in the text, so that
 * nobody's pattern can hold up the server. The error is the engine's text.
 */
export function compilePattern(source: string): Result<Pattern, string> {
  try {
    const compiled = new RE2JS(source);
    return ok((text) => compiled.test(text));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
