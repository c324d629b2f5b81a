/** Kubernetes' words for what several fields break. */

export const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export const NOT_NEGATIVE = 'must be greater than or equal to 0';

export const PORT_RANGE = 'must be between 1 and 65535, inclusive';

/** Words that changed with a release of Kubernetes: 1.`minor` says others than the releases before it. */
export interface ChangedWords {
  readonly minor: number;
  readonly words: string;
  readonly before: string | ChangedWords;
}

/** What a release says. `minor` is the server's: 32 of 1.32. */
export function wordsOf(why: string | ChangedWords, minor: number): string {
  if (typeof why === 'string') return why;
  return minor >= why.minor ? why.words : wordsOf(why.before, minor);
}

/** Since 1.34 a refused value is shown as JSON, before as Go writes it (apimachinery, util/validation/field). */
export function shown(json: string, go: string, words: (value: string) => string): ChangedWords {
  return { minor: 34, words: words(json), before: words(go) };
}
