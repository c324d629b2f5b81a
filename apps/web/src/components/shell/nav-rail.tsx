'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '../../lib/cn.ts';
import { driftText } from '../../graph/model/drift-marks.ts';
import { inTrouble } from '../../graph/model/filter-workloads.ts';
import { groupProbes } from '../../graph/model/member-state.ts';
import { useLive } from '../../live/live-store.ts';
import { Tip } from '../ui/tip.tsx';
import { Logo } from './logo.tsx';
import { NAV } from './nav.ts';
import { useMemo } from 'react';

/** The pages, at the left. */
export function NavRail() {
  const path = usePathname();
  return (
    <nav aria-label="Pages" className="flex w-14 shrink-0 flex-col border-r border-line bg-panel xl:w-48">
      <Link
        href="/"
        className="flex h-12 items-center gap-2.5 px-4 outline-offset-[-4px] max-xl:justify-center max-xl:px-0"
        aria-label="Flatland"
      >
        <Logo />
        <span className="text-base font-semibold tracking-tight max-xl:hidden">Flatland</span>
      </Link>
      <ul className="flex flex-col gap-0.5 p-2">
        {NAV.map(({ href, label, icon: Icon }) => {
          const here = href === '/' ? path === '/' : path.startsWith(href);
          const link = (
            <Link
              href={href}
              aria-current={here ? 'page' : undefined}
              aria-label={label}
              className={cn(
                'flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium transition-colors max-xl:justify-center max-xl:px-0',
                here ? 'bg-active text-ink' : 'text-ink-3 hover:bg-hover hover:text-ink',
              )}
            >
              <Icon className="size-4 shrink-0" strokeWidth={1.9} aria-hidden />
              <span className="max-xl:hidden">{label}</span>
            </Link>
          );
          return (
            <li key={href} className="relative">
              <span className="xl:hidden">
                <Tip text={label} side="right">
                  {link}
                </Tip>
              </span>
              <span className="max-xl:hidden">{link}</span>
              {href === '/workloads' && <TroubleCount />}
              {href === '/activity' && <DriftCount />}
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** How many workloads are in trouble: it is seen from every page. */
function TroubleCount() {
  const workloads = useLive((live) => live.topology.workloads);
  const probes = useLive((live) => live.probes);
  const count = useMemo(() => {
    const grouped = groupProbes(Object.values(probes));
    return Object.values(workloads).filter((workload) => inTrouble(workload, grouped)).length;
  }, [workloads, probes]);
  return <Count count={count} tone="fail" title={`${count} in trouble`} />;
}

/** How many objects are not what was applied: it is seen from every page. */
function DriftCount() {
  const count = useLive((live) => live.drifted.length);
  return <Count count={count} tone="warn" title={driftText(count)} />;
}

function Count({ count, tone, title }: { count: number; tone: 'fail' | 'warn'; title: string }) {
  if (count === 0) return null;
  return (
    <span
      title={title}
      data-testid={`nav-count-${tone}`}
      className={cn(
        'absolute top-1.5 right-1.5 flex h-5 min-w-5 items-center justify-center rounded-full px-1 text-2xs font-semibold max-xl:-top-0.5 max-xl:-right-0.5 max-xl:h-4 max-xl:min-w-4',
        tone === 'fail' ? 'bg-fail-soft text-fail-ink' : 'bg-warn-soft text-warn-ink',
      )}
    >
      <span aria-hidden>{count}</span>
      <span className="sr-only">{title}</span>
    </span>
  );
}
