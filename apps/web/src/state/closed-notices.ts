/** What the console says once, until a person closes it. */
export type Notice = 'sample' | 'proved';

const STORAGE_KEY = 'flatland.closed-notices';
const NOTICES: readonly Notice[] = ['sample', 'proved'];

/** Notices that were closed in this browser; none where the browser keeps nothing. */
export function readClosedNotices(): ReadonlySet<Notice> {
  if (typeof window === 'undefined') return new Set();
  try {
    const said = (window.localStorage.getItem(STORAGE_KEY) ?? '').split(' ');
    return new Set(NOTICES.filter((notice) => said.includes(notice)));
  } catch {
    return new Set();
  }
}

/** Remembers what was closed, where the browser keeps anything. */
export function saveClosedNotices(closed: ReadonlySet<Notice>): void {
  try {
    window.localStorage.setItem(STORAGE_KEY, [...closed].toSorted().join(' '));
  } catch {
    // Closed for as long as the tab is open.
  }
}
