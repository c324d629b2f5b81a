'use client';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { REASONS, type ReasonCode } from '@flatland/shared/reason/reasons';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Copy } from '../../components/ui/copy.tsx';

/** The head of a panel: what it is, where, and its actions. */
export function PanelHeader({
  icon,
  title,
  where,
  badges,
  actions,
  onClose,
}: {
  icon: ReactNode;
  title: string;
  where: ReactNode;
  badges?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
}) {
  return (
    <header className="flex flex-col gap-3 border-b border-line px-4 pt-4 pb-3">
      <div className="flex items-start gap-3">
        <span className="mt-0.5 flex size-8 shrink-0 items-center justify-center rounded-lg border border-line bg-sunken text-ink-2 [&_svg]:size-4">
          {icon}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-lg leading-6 font-semibold tracking-tight" data-testid="panel-title">
            {title}
          </h2>
          <p className="truncate text-xs text-ink-3">{where}</p>
        </div>
        <Button
          look="ghost"
          size="icon-sm"
          aria-label="Close the panel"
          data-testid="panel-close"
          className="-mr-1.5"
          onClick={onClose}
        >
          <X />
        </Button>
      </div>
      {badges !== undefined && <div className="flex flex-wrap gap-1.5">{badges}</div>}
      {actions !== undefined && <div className="flex flex-wrap gap-1.5">{actions}</div>}
    </header>
  );
}

/** A titled part of a panel. */
export function Section({
  title,
  aside,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="border-b border-line px-4 py-3.5 last:border-b-0">
      <div className="mb-2 flex h-5 items-center justify-between">
        <h3 className="text-xs font-semibold text-ink-2">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values. Values that are empty are left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value], index) => (
          <div key={index} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Addresses, prefixes, names: in mono, to be copied. */
export function Mono({ children, copy = true }: { children: string; copy?: boolean }) {
  return (
    <span className="group/mono inline-flex h-5 max-w-full items-center gap-0.5 align-top">
      <code className="min-w-0 truncate font-mono text-xs" title={children}>
        {children}
      </code>
      {copy && (
        <span className="opacity-0 transition-opacity group-focus-within/mono:opacity-100 group-hover/mono:opacity-100">
          <Copy text={children} />
        </span>
      )}
    </span>
  );
}

/** Conditions that ask for attention come first, with what to do. */
export function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  const sorted = conditions.toSorted((a, b) => Number(a.status === 'True') - Number(b.status === 'True'));
  return (
    <ul className="flex flex-col gap-2">
      {sorted.map((condition) => (
        <li key={condition.type} className="flex items-start gap-2 text-sm">
          <Badge tone={condition.status === 'True' ? 'plain' : 'warn'} className="mt-0.5">
            {condition.type}
          </Badge>
          <span className="min-w-0 text-xs leading-5 text-ink-2">
            {condition.message || condition.reason}
            {condition.status !== 'True' && <NextAction code={condition.reason} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The next action of a reason, where the code is one of ours. */
export function NextAction({ code }: { code: string }) {
  if (!Object.hasOwn(REASONS, code)) return null;
  return <span className="text-ink-3"> {REASONS[code as ReasonCode].next}.</span>;
}

/** A row that leads to another element. */
export function LinkRow({
  onClick,
  children,
  aside,
  testId,
}: {
  onClick: () => void;
  children: ReactNode;
  aside?: ReactNode;
  testId?: string;
}) {
  return (
    <div
      className="-mx-2 flex min-h-8 items-center gap-2 rounded-md px-2 hover:bg-hover"
      data-testid={testId}
    >
      <button
        type="button"
        onClick={onClick}
        className="flex min-w-0 flex-1 items-center gap-2 py-1 text-left text-sm"
      >
        {children}
      </button>
      {aside}
    </div>
  );
}
