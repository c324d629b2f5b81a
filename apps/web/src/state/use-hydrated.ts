'use client';
import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** False while the page is as it was exported, true once it runs. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
