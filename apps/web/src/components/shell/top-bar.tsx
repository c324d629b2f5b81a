'use client';
import { Keyboard, LogOut, Monitor, Moon, Search, Sun, UserRound } from 'lucide-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { usePathname } from 'next/navigation';
import { useTheme } from 'next-themes';
import { useLive } from '../../live/live-store.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useHydrated } from '../../state/use-hydrated.ts';
import { useModKey } from '../../state/use-mod-key.ts';
import { useUi } from '../../state/ui-store.ts';
import { Button } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Menu } from '../ui/menu.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { NAV } from './nav.ts';

/** Where one is, search, and how the connection is. */
export function TopBar() {
  const path = usePathname();
  const page = NAV.find((item) => (item.href === '/' ? path === '/' : path.startsWith(item.href)));
  const openPalette = useUi((ui) => ui.openPalette);
  const modKey = useModKey();
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
      <h1 className="text-base font-semibold tracking-tight">{page?.label ?? 'Flatland'}</h1>
      <Counts />
      <div className="flex-1" />
      <button
        type="button"
        data-testid="open-palette"
        onClick={() => openPalette(true)}
        className="flex h-8 w-64 items-center gap-2 rounded-md border border-line bg-sunken px-2.5 text-sm text-ink-3 transition-colors hover:border-line-strong hover:text-ink-2 max-lg:w-44"
      >
        <Search className="size-3.5" aria-hidden />
        <span className="flex-1 truncate text-left">Search or connect…</span>
        <Kbd>{modKey === '⌘' ? '⌘K' : 'Ctrl K'}</Kbd>
      </button>
      <ConnectionBadge />
      <Account />
    </header>
  );
}

function Counts() {
  const topology = useLive((live) => live.topology);
  const known = useLive((live) => live.known);
  if (!known) return null;
  const parts = [
    [Object.keys(topology.clusters).length, 'cluster'],
    [Object.keys(topology.domains).length, 'domain'],
    [Object.keys(topology.nodes).length, 'node'],
  ] as const;
  return (
    <p className="hidden text-xs text-ink-3 lg:block">
      {parts.map(([n, word]) => `${n} ${word}${n === 1 ? '' : 's'}`).join(' · ')}
    </p>
  );
}

function Account() {
  const trpc = useTRPC();
  const { theme, setTheme } = useTheme();
  const shown = useHydrated();
  const me = useQuery(trpc.session.me.queryOptions());
  const logout = useMutation(
    trpc.session.logout.mutationOptions({
      onSuccess: () => useLive.getState().connected({ kind: 'signed-out' }),
    }),
  );
  const next = theme === 'light' ? 'dark' : theme === 'dark' ? 'system' : 'light';
  const Icon = !shown || theme === 'system' ? Monitor : theme === 'dark' ? Moon : Sun;
  return (
    <div className="flex items-center gap-0.5">
      <Button
        look="ghost"
        size="icon"
        tip={shown ? `Theme: ${theme}. Switch to ${next}` : 'Theme'}
        data-testid="theme-switch"
        onClick={() => setTheme(next)}
      >
        <Icon />
      </Button>
      <Menu
        trigger={
          <Button look="ghost" size="icon" aria-label="Account and help">
            <UserRound />
          </Button>
        }
        choices={[
          {
            label: 'Keyboard shortcuts',
            icon: <Keyboard />,
            onSelect: () => useUi.getState().openShortcuts(true),
          },
          {
            label: me.data ? `Sign out ${me.data.person}` : 'Sign out',
            icon: <LogOut />,
            onSelect: () => logout.mutate(),
          },
        ]}
      />
    </div>
  );
}
