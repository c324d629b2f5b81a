/** Order of two texts by their UTF-8 bytes, which is the order of code points. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    // In UTF-16 the halves of astral characters come before U+E000; in UTF-8 they come after U+FFFF.
    const aAstral = a >= 0xd800 && a <= 0xdfff;
    const bAstral = b >= 0xd800 && b <= 0xdfff;
    if (aAstral !== bAstral) return aAstral ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}
