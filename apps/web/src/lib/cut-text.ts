const HALF_OF_A_PAIR = /[\uD800-\uDBFF]$/;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const SEEN_AS_THEY_ARE = new Set(['\n', '\t']);

/** The first characters of a text, with … where there are more. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(HALF_OF_A_PAIR, '')}…`;
}

/**
 * A text that somebody else wrote, as it is: characters that hide or turn others around are shown as escapes
 * (CVE-2021-42574).
 */
export function visibleText(text: string): string {
  return text.replaceAll(HIDDEN, (character) =>
    SEEN_AS_THEY_ARE.has(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** A field's value as text. */
export function valueText(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
