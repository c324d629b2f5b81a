import { parseAllDocuments } from 'yaml';
import { zKubernetesObject, type KubernetesObject } from '../model/kubernetes-object.ts';
import { err, ok, type Result } from '../result.ts';

const MAX_CHARACTERS = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_OBJECTS = 1000;

/**
 * Reads YAML or JSON documents as Kubernetes objects. Refuses more than 1 MiB, deep nesting,
 * duplicate keys, aliases that multiply, and documents that are no objects; the error names the
 * document and, where the YAML itself is wrong, line and column.
 */
export function parseManifests(text: string): Result<KubernetesObject[], string> {
  if (text.length > MAX_CHARACTERS)
    return err(`the text has ${text.length} characters; at most ${MAX_CHARACTERS} are read`);
  if (deepestIndent(text) > MAX_DEPTH) return err(`the text nests more than ${MAX_DEPTH} levels`);
  const objects: KubernetesObject[] = [];
  const documents = parseAllDocuments(text, { uniqueKeys: true, strict: true });
  if (!Array.isArray(documents)) return ok([]);
  for (const [index, document] of documents.entries()) {
    const problem = document.errors[0];
    if (problem) return err(`document ${index + 1}: ${problem.message}`);
    const value = toPlain(document);
    if (!value.ok) return err(`document ${index + 1}: ${value.error}`);
    if (value.value === null || value.value === undefined) continue;
    const items = listItems(value.value);
    for (const item of items) {
      const parsed = zKubernetesObject.safeParse(item);
      if (!parsed.success)
        return err(`document ${index + 1} is not a Kubernetes object: ${issueText(parsed.error.issues[0])}`);
      objects.push(parsed.data);
    }
    if (objects.length > MAX_OBJECTS) return err(`more than ${MAX_OBJECTS} objects`);
  }
  return ok(objects);
}

function toPlain(document: { toJS(options: { maxAliasCount: number }): unknown }): Result<unknown, string> {
  try {
    return ok(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function listItems(value: unknown): readonly unknown[] {
  if (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'List' &&
    'items' in value
  )
    return Array.isArray(value.items) ? value.items : [value];
  return [value];
}

/** A bound on nesting that needs no parser: flow brackets open at once, and indentation steps. */
function deepestIndent(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++open);
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
  }
  const indents = new Set<number>();
  for (const line of text.split('\n')) {
    const match = /^[ -]*/.exec(line);
    if (match) indents.add(match[0].length);
  }
  return Math.max(deepest, indents.size);
}

function issueText(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): string {
  return issue ? `${issue.path.join('.') || 'it'}: ${issue.message}` : 'unreadable';
}
