import { err, ok, type Result } from '../result.ts';

/** A server block of a Corefile. */
export interface ServerBlock {
  /** What it serves, as written: `.:53`, `example.org`. Empty for a snippet. */
  readonly keys: readonly string[];
  /** Each directive with its arguments; the inside of a directive’s own block is left out. */
  readonly directives: readonly (readonly string[])[];
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly isQuoted: boolean;
}

/** Space, a comment, a quotation, a word. */
const PARTS = /\s+|#[^\n]*|"(?:\\.|[^"\\])*"|[^\s"#]\S*/gs;
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the server blocks of a Corefile: what is served, with which directives. Or says why it cannot: braces that do not
 * match, and imports outside of blocks, which bring in what is not to be seen here.
 * Source: the Caddyfile grammar of CoreDNS, https://coredns.io/manual/configuration/.
 */
export function parseCorefile(text: string): Result<readonly ServerBlock[], string> {
  if (text.length > MAX_BYTES) return err('it is larger than 1 MiB');
  const tokens = tokensOf(text);
  if (tokens === undefined) return err('a quotation does not end');
  const blocks: ServerBlock[] = [];
  let at = 0;
  while (at < tokens.length) {
    const keys: string[] = [];
    while (at < tokens.length && !isBrace(tokens[at], '{')) {
      const { text: key, line } = tokens[at++]!;
      if (key === 'import') return err(`line ${line} imports what is not to be seen here`);
      if (key === '}') return err(`line ${line} closes what is not open`);
      if (key.includes('{')) return err(`line ${line} has what is put in only when CoreDNS starts`);
      keys.push(...key.split(',').filter((part) => part !== ''));
    }
    if (at >= tokens.length) return err('there is a server without a block');
    const directives: string[][] = [];
    const end = readBlock(tokens, at + 1, directives);
    if (end === undefined) return err(`the block of line ${tokens[at]!.line} does not end`);
    if (keys.length === 0) return err(`the block of line ${tokens[at]!.line} serves nothing`);
    const isSnippet = keys.length === 1 && /^\(.*\)$/.test(keys[0]!);
    blocks.push({ keys: isSnippet ? [] : keys, directives });
    at = end + 1;
  }
  return ok(blocks);
}

/** Collects a block’s directives; the index of its closing brace, nothing where there is none. */
function readBlock(tokens: readonly Token[], from: number, directives: string[][]): number | undefined {
  let depth = 0;
  let line = -1;
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (isBrace(token, '}')) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (isBrace(token, '{')) depth += 1;
    else if (depth === 0 && token.line !== line) directives.push([token.text]);
    else if (depth === 0) directives.at(-1)!.push(token.text);
    line = token.line;
  }
  return undefined;
}

function isBrace(token: Token | undefined, brace: '{' | '}'): boolean {
  return token !== undefined && !token.isQuoted && token.text === brace;
}

/** Words and quotations; a comment runs from a word that begins with # to the end of its line. */
function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let line = 1;
  let end = 0;
  for (const { 0: found, index } of text.matchAll(PARTS)) {
    if (index !== end) return undefined;
    end = index + found.length;
    if (found.startsWith('"')) tokens.push({ text: unquote(found), line, isQuoted: true });
    else if (!/^[\s#]/.test(found)) tokens.push({ text: found, line, isQuoted: false });
    line += found.split('\n').length - 1;
  }
  return end === text.length ? tokens : undefined;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('\\"', '"');
}
