import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { CST, Lexer, parseAllDocuments } from 'yaml';
import type { KubeconfigReason } from './refusal.ts';

export const MAX_BYTES = 1024 * 1024;
export const MAX_DEPTH = 64;

/**
 * Reads one YAML or JSON document of bounded size and depth, without anchors, aliases, tags and doubled keys.
 * Mappings become Maps, so that no key has a meaning of its own.
 */
export function readBoundedYaml(text: string): Result<unknown, KubeconfigReason> {
  if (Buffer.byteLength(text) > MAX_BYTES) return err('too-large');
  const suspicious = scan(text);
  if (suspicious !== undefined) return err(suspicious);
  const documents = parseAllDocuments(text, {
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents) || documents.length === 0) return err('not-yaml');
  if (documents.length > 1) return err('several-documents');
  const document = documents[0];
  if (document === undefined) return err('not-yaml');
  const fault = document.errors[0];
  if (fault !== undefined) return err(fault.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'not-yaml');
  if (document.warnings.length > 0) return err('tags');
  return ok(document.toJS({ mapAsMap: true, maxAliasCount: 0 }));
}

/** Looks at the tokens alone, in one pass and before anything is built from them. */
function scan(text: string): KubeconfigReason | undefined {
  // A nested block costs at least two columns a level.
  if (new RegExp(`^[ \\-?]{${2 * MAX_DEPTH}}`, 'm').test(text)) return 'too-deep';
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    if (depth > MAX_DEPTH) return 'too-deep';
    if (type === 'anchor' || type === 'alias') return 'aliases';
    if (type === 'tag') return 'tags';
    if (type === 'directive-line') return 'not-yaml';
  }
  return undefined;
}
