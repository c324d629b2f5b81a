'use client';
import { Unplug, WifiOff, X } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useLive } from '../../live/live-store.ts';
import { ageText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useNow } from '../../state/use-now.ts';
import { useUi } from '../../state/ui-store.ts';
import { cn } from '../../lib/cn.ts';
import { Button } from '../ui/button.tsx';

/** What must be known on every page: a lost connection, an ended session, the sample lab. */
export function Banners() {
  const connection = useLive((live) => live.connection);
  const now = useNow();
  if (connection.kind === 'signed-out')
    return (
      <Banner tone="fail" testId="signed-out">
        <Unplug className="size-4" aria-hidden />
        <span>
          <b className="font-semibold">The session has ended.</b> Open a new link:{' '}
          <code className="font-mono text-xs">npx flatland open</code>
        </span>
      </Banner>
    );
  if (connection.kind === 'lost')
    return (
      <Banner tone="warn" testId="stream-lost">
        <WifiOff className="size-4" aria-hidden />
        <span>
          <b className="font-semibold">Connection lost.</b> This is the last state known,{' '}
          {ageText(now - connection.sinceMs)}. Members keep talking; actions are off until the connection is
          back.
        </span>
      </Banner>
    );
  return <SampleBanner />;
}

function SampleBanner() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.console.overview.queryOptions());
  const closed = useUi((ui) => ui.bannerClosed);
  if (closed || overview.data?.lab === undefined) return null;
  const how =
    overview.data.datapath === 'in-memory'
      ? 'Packets are simulated in memory here.'
      : 'Its pods are processes in network namespaces, and its packets are real.';
  return (
    <Banner tone="plain" testId="sample-banner">
      <span>
        <b className="font-semibold text-ink">This is a sample lab.</b> {how}
      </span>
      <Link href="/connect" className="font-medium text-ink underline underline-offset-2">
        Connect your own clusters
      </Link>
      <span className="flex-1" />
      <Button
        look="ghost"
        size="icon-sm"
        aria-label="Close"
        className="size-6"
        onClick={() => useUi.getState().closeBanner()}
      >
        <X />
      </Button>
    </Banner>
  );
}

function Banner({
  tone,
  testId,
  children,
}: {
  tone: 'plain' | 'warn' | 'fail';
  testId: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={tone === 'plain' ? 'Sample lab' : 'Connection'}
      data-testid={testId}
      className={cn(
        'flex min-h-9 shrink-0 items-center gap-2.5 border-b px-4 py-1.5 text-sm',
        tone === 'plain' && 'border-line bg-sunken text-ink-2',
        tone === 'warn' && 'border-warn/30 bg-warn-soft text-warn-ink',
        tone === 'fail' && 'border-fail/30 bg-fail-soft text-fail-ink',
      )}
    >
      <div role={tone === 'plain' ? undefined : 'alert'} className="flex min-w-0 flex-1 items-center gap-2.5">
        {children}
      </div>
    </section>
  );
}
