import { describe, expect, it } from 'vitest';
import { cutText, valueText, visibleText } from './cut-text.ts';

describe('a text that somebody else wrote', () => {
  it('is cut where it is longer than is shown, and never within a character', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('abcd', 3)).toBe('abc…');
    expect(cutText('ab😀d', 3)).toBe('ab…');
  });

  it('shows what would hide or turn around its characters; lines stay lines', () => {
    expect(visibleText('safe\u202Etxt.exe')).toBe('safe\\u{202e}txt.exe');
    expect(visibleText('a\u200Bb\u0000c')).toBe('a\\u{200b}b\\u{0}c');
    expect(visibleText('a\n\tb ü 中')).toBe('a\n\tb ü 中');
  });
});

describe('a value', () => {
  it('is a string as it is, and everything else as JSON, so that nothing is seen as nothing', () => {
    expect(valueText('1400')).toBe('1400');
    expect(valueText('')).toBe('""');
    expect(valueText(1400)).toBe('1400');
    expect(valueText(null)).toBe('null');
    expect(valueText([{ name: 'a' }])).toBe('[{"name":"a"}]');
  });
});
