// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readClosedNotices, saveClosedNotices } from './closed-notices.ts';

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

describe('notices that a person closed', () => {
  it('are closed in the next tab too', () => {
    expect(readClosedNotices()).toEqual(new Set());
    saveClosedNotices(new Set(['proved', 'sample']));
    expect(readClosedNotices()).toEqual(new Set(['sample', 'proved']));
  });

  it('are read by name: what is stored otherwise means nothing', () => {
    localStorage.setItem('flatland.closed-notices', 'sample nonsense');
    expect(readClosedNotices()).toEqual(new Set(['sample']));
  });

  it('are forgotten where the browser keeps nothing, without an error', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect(() => saveClosedNotices(new Set(['sample']))).not.toThrow();
    expect(readClosedNotices()).toEqual(new Set());
  });
});
