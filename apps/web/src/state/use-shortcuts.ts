'use client';
import { useEffect } from 'react';
import { useStaging } from '../staging/staging-store.ts';
import { useUi } from './ui-store.ts';

/** Shortcuts of every page. Undo and redo are for staged edits only. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement &&
        (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName));
      const command = event.metaKey || event.ctrlKey;
      const key = event.key.toLowerCase();
      if (command && key === 'k') useUi.getState().openPalette(true);
      else if (typing) return;
      else if (command && key === 'z') {
        const { undo, redo } = useStaging.getState();
        if (event.shiftKey) redo();
        else undo();
      } else if (command && key === 'y') useStaging.getState().redo();
      else if (event.key === '?') useUi.getState().openShortcuts(true);
      else if (event.key === '/' && !command) useUi.getState().openPalette(true);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
