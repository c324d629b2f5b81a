'use client';
import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import type { ReactNode } from 'react';
import { Tip } from './tip.tsx';

export interface Segment<T extends string> {
  readonly value: T;
  readonly label: ReactNode;
  readonly tip?: string;
}

/** One of a few choices, all in sight. */
export function Segmented<T extends string>({
  value,
  segments,
  onChange,
  label,
}: {
  value: T;
  segments: readonly Segment<T>[];
  onChange: (value: T) => void;
  label: string;
}) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        const [chosen] = next;
        if (chosen !== undefined) onChange(chosen as T);
      }}
      className="inline-flex h-8 shrink-0 items-center gap-0.5 rounded-lg border border-line bg-panel p-0.5 whitespace-nowrap shadow-card"
    >
      {segments.map((segment) => {
        const toggle = (
          <Toggle
            key={segment.value}
            value={segment.value}
            aria-label={segment.tip}
            className="inline-flex h-full items-center gap-1.5 rounded-md px-2.5 text-xs font-medium text-ink-3 transition-colors hover:text-ink data-pressed:bg-active data-pressed:text-ink [&_svg]:size-3.5"
          >
            {segment.label}
          </Toggle>
        );
        return segment.tip === undefined ? (
          toggle
        ) : (
          <Tip key={segment.value} text={segment.tip} side="bottom">
            {toggle}
          </Tip>
        );
      })}
    </ToggleGroup>
  );
}
