import { useHydrated } from './use-hydrated.ts';

/** The name of the key that shortcuts are held with on this machine. */
export function useModKey(): '⌘' | 'Ctrl' {
  const shown = useHydrated();
  return shown && /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
}
