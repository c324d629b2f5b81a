'use client';
import { useMemo, type CSSProperties } from 'react';
import { assignHues, type DomainHue } from '../../graph/model/domain-hue.ts';
import { cn } from '../../lib/cn.ts';
import { useLive } from '../../live/live-store.ts';
import { useStagedIntents } from '../../staging/staging-store.ts';

/** The looks of all domains, with those that are staged. */
export function useHues(): ReadonlyMap<string, DomainHue> {
  const domains = useLive((live) => live.topology.domains);
  const intents = useStagedIntents();
  return useMemo(
    () =>
      assignHues([
        ...Object.keys(domains),
        ...intents.flatMap((intent) => (intent.kind === 'create-domain' ? [intent.domain.name] : [])),
      ]),
    [domains, intents],
  );
}

/** A domain's sign: its colour in its hub's shape, striped and lettered from the ninth domain on. */
export function DomainSign({ hue, className }: { hue: DomainHue | undefined; className?: string }) {
  const color = `var(--hue-${hue?.slot ?? 0})`;
  const fill: CSSProperties = hue?.patterned
    ? { background: `repeating-linear-gradient(135deg, ${color} 0 2px, transparent 2px 4px)`, color }
    : { background: color };
  return (
    <span
      aria-hidden
      style={fill}
      className={cn(
        'inline-block h-2.5 w-3 shrink-0 [clip-path:polygon(0_50%,25%_0,75%_0,100%_50%,75%_100%,25%_100%)]',
        className,
      )}
    />
  );
}

/** A domain by sign and name. */
export function DomainChip({ name, className }: { name: string; className?: string }) {
  const hue = useHues().get(name);
  return (
    <span
      className={cn(
        'inline-flex h-5 max-w-full items-center gap-1.5 rounded-full border border-line bg-card pr-2 pl-1.5 text-2xs font-medium text-ink',
        className,
      )}
    >
      <DomainSign hue={hue} />
      <span className="truncate">{hue?.patterned ? `${hue.letters} ${name}` : name}</span>
    </span>
  );
}
