'use client';
import { Checkbox } from '@base-ui/react/checkbox';
import { Check as CheckIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** A checkbox with its label. */
export function Check({
  checked,
  onChange,
  children,
  testId,
  disabled = false,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  testId?: string;
  disabled?: boolean;
}) {
  return (
    <label className="flex items-start gap-2.5 text-sm text-ink select-none">
      <Checkbox.Root
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        data-testid={testId}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded border border-line-strong bg-card data-checked:border-solid data-checked:bg-solid data-disabled:opacity-50"
      >
        <Checkbox.Indicator className="text-ink-inverse">
          <CheckIcon className="size-3" strokeWidth={3.5} />
        </Checkbox.Indicator>
      </Checkbox.Root>
      <span className="min-w-0">{children}</span>
    </label>
  );
}
