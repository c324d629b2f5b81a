'use client';
import { PREFLIGHT_CHECKS, type PreflightLine, type PreflightState } from '@flatland/shared/preflight/line';
import { CircleCheck, CircleHelp, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react';
import { cn } from '../../lib/cn.ts';

const LOOKS: Readonly<
  Record<PreflightState, { readonly icon: LucideIcon; readonly word: string; readonly className: string }>
> = {
  failed: { icon: OctagonAlert, word: 'failed', className: 'text-fail-ink' },
  warning: { icon: TriangleAlert, word: 'warning', className: 'text-warn-ink' },
  unknown: { icon: CircleHelp, word: 'not known yet', className: 'text-ink-3' },
  ok: { icon: CircleCheck, word: 'ok', className: 'text-ink-3' },
};

/** What a preflight found, line by line, with what to do. */
export function PreflightLines({ lines }: { lines: readonly PreflightLine[] }) {
  return (
    <ul aria-label="Preflight" className="flex flex-col rounded-lg border border-line bg-card">
      {lines.map((line) => {
        const { icon: Icon, word, className } = LOOKS[line.state];
        return (
          <li
            key={`${line.check} ${line.text}`}
            data-testid="preflight-line"
            data-check={line.check}
            data-state={line.state}
            className="flex gap-2.5 border-b border-line px-3 py-2 last:border-b-0"
          >
            <Icon className={cn('mt-0.5 size-4 shrink-0', className)} aria-hidden />
            <div className="min-w-0 flex-1 text-sm">
              <p>
                <span className="font-medium">{PREFLIGHT_CHECKS[line.check]}</span>{' '}
                <span className={cn('text-xs', className)}>{word}</span>
              </p>
              <p className="text-xs leading-relaxed break-words text-ink-2">{line.text}</p>
              {line.next !== '' && (
                <p className="text-xs leading-relaxed break-words text-ink-3">→ {line.next}</p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** How many lines there are of each state, the worst first. */
export function countLines(lines: readonly PreflightLine[]): string {
  return Object.entries(LOOKS)
    .map(([state, { word }]) => [lines.filter((line) => line.state === state).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}
