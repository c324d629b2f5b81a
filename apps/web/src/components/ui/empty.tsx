import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

/** An empty or broken state: what, why, what next. */
export function Empty({
  icon: Icon,
  title,
  why,
  next,
  className,
  testId,
}: {
  icon: LucideIcon;
  title: ReactNode;
  why: ReactNode;
  next?: ReactNode;
  className?: string;
  testId?: string;
}) {
  return (
    <div
      data-testid={testId}
      className={cn('mx-auto flex max-w-sm flex-col items-center px-6 py-14 text-center', className)}
    >
      <div className="mb-3 flex size-10 items-center justify-center rounded-xl border border-line bg-panel text-ink-3 shadow-card">
        <Icon className="size-5" strokeWidth={1.75} />
      </div>
      <p className="text-base font-semibold">{title}</p>
      <p className="mt-1 text-sm text-balance text-ink-3">{why}</p>
      {next !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{next}</div>}
    </div>
  );
}
