import { useId, type ComponentProps, type ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

export const inputClass =
  'h-8 w-full rounded-md border border-line-strong bg-card px-2.5 text-sm text-ink shadow-card outline-none placeholder:text-ink-3 focus-visible:border-ink focus-visible:ring-2 focus-visible:ring-ink/15 aria-invalid:border-fail';

/** A text input with its label, its hint, and what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  className,
  ...props
}: ComponentProps<'input'> & { label: ReactNode; hint?: ReactNode; error?: string | undefined }) {
  const id = useId();
  const noteId = `${id}-note`;
  return (
    <div className={cn('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <input
        id={id}
        className={inputClass}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={noteId}
        autoComplete="off"
        spellCheck={false}
        {...props}
      />
      <p id={noteId} className={cn('text-xs', error === undefined ? 'text-ink-3' : 'text-fail-ink')}>
        {error ?? hint}
      </p>
    </div>
  );
}
