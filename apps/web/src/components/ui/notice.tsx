import { CircleAlert, Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

const LOOKS = {
  info: { icon: Info, className: 'border-line bg-sunken text-ink-2' },
  staged: { icon: CircleAlert, className: 'border-staged/25 bg-staged-soft text-staged-ink' },
  warn: { icon: TriangleAlert, className: 'border-warn/30 bg-warn-soft text-warn-ink' },
  fail: { icon: OctagonAlert, className: 'border-fail/30 bg-fail-soft text-fail-ink' },
} as const;

/** Something to be read before going on. */
export function Notice({
  tone,
  title,
  children,
  action,
  testId,
  className,
}: {
  tone: keyof typeof LOOKS;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  testId?: string;
  className?: string;
}) {
  const { icon: Icon, className: look } = LOOKS[tone];
  return (
    <div
      data-testid={testId}
      className={cn('flex gap-2.5 rounded-lg border px-3 py-2.5 text-sm', look, className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children !== undefined && (
          <div className="mt-0.5 text-xs leading-relaxed opacity-90">{children}</div>
        )}
      </div>
      {action}
    </div>
  );
}
