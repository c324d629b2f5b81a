import type { JsonValue } from '../../schema/json.ts';

/** JSON as Go writes it: `<`, `>`, `&` and the line separators are escaped. */
export function goJson(value: JsonValue): string {
  if (typeof value === 'string' && plainText.test(value)) return `"${value}"`;
  const text = JSON.stringify(value);
  return /[<>&\u2028\u2029]/.test(text)
    ? text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text;
}

const plainText = /^[-./0-9:A-Z_a-z]*$/;
