'use client';
import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';

export interface MenuChoice {
  readonly label: ReactNode;
  readonly icon?: ReactNode;
  readonly onSelect: () => void;
  readonly disabled?: boolean;
  readonly testId?: string;
}

/** A menu of actions under a button. */
export function Menu({
  trigger,
  choices,
  align = 'end',
}: {
  trigger: ReactElement;
  choices: readonly MenuChoice[];
  align?: 'start' | 'end';
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} className="z-60 outline-none">
          <Base.Popup className="min-w-44 rounded-lg border border-line bg-panel p-1 shadow-float outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {choices.map((choice, index) => (
              <Base.Item
                key={index}
                disabled={choice.disabled ?? false}
                onClick={choice.onSelect}
                data-testid={choice.testId}
                className="flex h-8 items-center gap-2 rounded-md px-2 text-sm text-ink-2 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover data-highlighted:text-ink [&_svg]:size-4"
              >
                {choice.icon}
                {choice.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
