'use client';
import { Suspense, type ReactNode } from 'react';
import { Dialogs } from '../../features/dialogs/dialogs.tsx';
import { ReviewSheet } from '../../features/review/review-sheet.tsx';
import { CommandPalette } from '../../features/dialogs/command-palette.tsx';
import { ShortcutSheet } from '../../features/dialogs/shortcut-sheet.tsx';
import { useShortcuts } from '../../state/use-shortcuts.ts';
import { useUi } from '../../state/ui-store.ts';
import { Banners } from './banners.tsx';
import { NavRail } from './nav-rail.tsx';
import { StagedBar } from './staged-bar.tsx';
import { TopBar } from './top-bar.tsx';

/** The frame around every page. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <div className="flex h-dvh w-full">
        <a
          href="#main"
          className="absolute top-2 left-2 z-70 -translate-y-16 rounded-md bg-solid px-3 py-1.5 text-sm font-medium text-ink-inverse focus:translate-y-0"
        >
          Skip to content
        </a>
        <NavRail />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar />
          <Banners />
          <div className="relative flex min-h-0 flex-1">
            <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col outline-none">
              {children}
              <StagedBar />
            </main>
            <ReviewSheet />
          </div>
        </div>
      </div>
      <Dialogs />
      <CommandPalette />
      <ShortcutSheet />
      <LiveRegion />
      <Shortcuts />
    </Suspense>
  );
}

function LiveRegion() {
  const text = useUi((ui) => ui.announcement);
  return (
    <div role="status" aria-live="polite" data-testid="announcement" className="sr-only">
      {text}
    </div>
  );
}

function Shortcuts() {
  useShortcuts();
  return null;
}
