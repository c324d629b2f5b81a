import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

const styles = cva(
  'inline-flex h-5 shrink-0 items-center gap-1 rounded-full border px-2 text-2xs font-medium whitespace-nowrap [&_svg]:size-3',
  {
    variants: {
      tone: {
        plain: 'border-line bg-sunken text-ink-2',
        staged: 'border-staged/30 bg-staged-soft text-staged-ink',
        warn: 'border-warn/35 bg-warn-soft text-warn-ink',
        fail: 'border-fail/35 bg-fail-soft text-fail-ink',
        strong: 'border-solid bg-solid text-ink-inverse',
      },
    },
    defaultVariants: { tone: 'plain' },
  },
);

export type Tone = NonNullable<VariantProps<typeof styles>['tone']>;

/** A word or two of state. */
export function Badge({ tone, className, ...props }: ComponentProps<'span'> & VariantProps<typeof styles>) {
  return <span className={cn(styles({ tone }), className)} {...props} />;
}
