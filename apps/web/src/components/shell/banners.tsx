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

const NEXT = {
  sample: [['/connect', 'Connect your own clusters']],
  proved: [
    ['/connect', 'Connect your own clusters'],
    ['/activity', 'Export the change'],
    ['/why', 'Ask why'],
  ],
} as const;

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

/** In the sample lab: that it is one, and after the first proof what to do next. It takes room of its own, and covers nothing of the map. */
function SampleBanner() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.console.overview.queryOptions());
  const proved = useLive((live) =>
    Object.values(live.changeSets).some((changeSet) => changeSet.state === 'proved'),
  );
  const closed = useUi((ui) => ui.closedNotices);
  const notice = proved ? 'proved' : 'sample';
  if (overview.data?.lab === undefined || closed.has(notice)) return null;
  const inMemory = overview.data.datapath === 'in-memory';
  return (
    <Banner tone="plain" testId={`${notice}-banner`} onClose={() => useUi.getState().closeNotice(notice)}>
      {notice === 'proved' ? (
        <p>
          <b className="font-semibold text-ink">Proved by packets.</b> Stop the console with Ctrl-C: members
          keep talking.
        </p>
      ) : (
        <p>
          <b className="font-semibold text-ink">This is a sample lab.</b>{' '}
          {inMemory
            ? 'Packets are simulated in memory here.'
            : 'Its pods are processes in network namespaces, and its packets are real.'}
        </p>
      )}
      {NEXT[notice].map(([href, text]) => (
        <Link
          key={href}
          href={href}
          className="shrink-0 font-medium whitespace-nowrap text-ink underline underline-offset-2"
        >
          {text}
        </Link>
      ))}
    </Banner>
  );
}

function Banner({
  tone,
  testId,
  onClose,
  children,
}: {
  tone: 'plain' | 'warn' | 'fail';
  testId: string;
  onClose?: () => void;
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
      <div
        role={tone === 'plain' ? undefined : 'alert'}
        className={cn(
          'flex min-w-0 flex-1 items-center gap-2.5',
          tone === 'plain' && 'flex-wrap gap-x-4 gap-y-1',
        )}
      >
        {children}
      </div>
      {onClose && (
        <Button look="ghost" size="icon-sm" aria-label="Close" className="size-6" onClick={onClose}>
          <X />
        </Button>
      )}
    </section>
  );
}
