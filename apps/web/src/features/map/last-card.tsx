'use client';
import { useQuery } from '@tanstack/react-query';
import { ArrowRight, X } from 'lucide-react';
import Link from 'next/link';
import { Button } from '../../components/ui/button.tsx';
import { useTRPC } from '../../lib/trpc.ts';
import { useReview } from '../../lib/url-state.ts';
import { useLive } from '../../live/live-store.ts';
import { useUi } from '../../state/ui-store.ts';

const NEXT = [
  ['/connect', 'Connect your own clusters'],
  ['/activity', 'Export the change as YAML'],
  ['/why', 'Ask why two workloads reach each other'],
] as const;

/** After the first proof in the sample lab: what to do next. */
export function LastCard() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.console.overview.queryOptions());
  const proved = useLive((live) =>
    Object.values(live.changeSets).some((changeSet) => changeSet.state === 'proved'),
  );
  const closed = useUi((ui) => ui.cardClosed);
  const [review] = useReview();
  if (!proved || closed || review !== null || overview.data?.lab === undefined) return null;
  return (
    <aside
      aria-label="What next"
      data-testid="last-card"
      className="absolute right-4 bottom-4 z-10 w-72 rounded-xl border border-line bg-panel p-4 shadow-float"
    >
      <Button
        look="ghost"
        size="icon-sm"
        aria-label="Close the card"
        className="absolute top-2.5 right-2.5"
        onClick={() => useUi.getState().closeCard()}
      >
        <X />
      </Button>
      <h2 className="text-sm font-semibold">Proved by packets</h2>
      <p className="mt-1 text-xs leading-relaxed text-ink-3">
        Stop the console with Ctrl-C if you like: members keep talking. It is in neither the data path nor the
        control loop.
      </p>
      <ul className="mt-2.5 flex flex-col">
        {NEXT.map(([href, text]) => (
          <li key={href}>
            <Link
              href={href}
              className="-mx-2 flex h-8 items-center justify-between rounded-md px-2 text-sm font-medium hover:bg-hover"
            >
              {text}
              <ArrowRight className="size-3.5 text-ink-3" aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
    </aside>
  );
}
