'use client';
import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

/** Tabs with their panels; only the chosen panel is there. */
export function Tabs({
  tabs,
  value,
  onChange,
  label,
}: {
  tabs: readonly { id: string; label: ReactNode; panel: ReactNode }[];
  value?: string;
  onChange?: (id: string) => void;
  label: string;
}) {
  const control = value === undefined ? { defaultValue: tabs[0]?.id ?? '' } : { value };
  return (
    <Base.Root
      {...control}
      onValueChange={(next) => onChange?.(String(next))}
      className="flex min-h-0 flex-1 flex-col"
    >
      <Base.List aria-label={label} className="flex shrink-0 gap-4 border-b border-line px-4">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.id}
            value={tab.id}
            className="-mb-px h-9 border-b-2 border-transparent text-sm font-medium text-ink-3 outline-offset-[-2px] transition-colors hover:text-ink data-active:border-ink data-active:text-ink"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel
          key={tab.id}
          value={tab.id}
          className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
        >
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
