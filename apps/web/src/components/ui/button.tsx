import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps, ReactElement } from 'react';
import { cn } from '../../lib/cn.ts';
import { Tip } from './tip.tsx';

const styles = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors duration-100 aria-disabled:opacity-50 disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        solid: 'bg-solid text-ink-inverse not-aria-disabled:hover:bg-solid-hover',
        staged: 'bg-staged text-white dark:text-[#0b1220] not-aria-disabled:hover:brightness-110',
        outline: 'border border-line-strong bg-card text-ink shadow-card not-aria-disabled:hover:bg-hover',
        ghost: 'text-ink-2 not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-ink',
        danger: 'border border-line-strong bg-card text-fail-ink not-aria-disabled:hover:bg-fail-soft',
      },
      size: {
        sm: 'h-7 px-2.5 text-xs',
        md: 'h-8 px-3 text-sm',
        icon: 'size-8',
        'icon-sm': 'size-7',
      },
    },
    defaultVariants: { look: 'outline', size: 'md' },
  },
);

export type ButtonProps = ComponentProps<'button'> &
  VariantProps<typeof styles> & {
    /** Why the button does nothing now. It stays reachable, so that the reason can be read. */
    readonly blocked?: string | undefined;
    /** Name of an icon button, also shown on hover. */
    readonly tip?: string | undefined;
  };

/** A button. Where it is blocked it says why. */
export function Button({
  look,
  size,
  className,
  blocked,
  tip,
  onClick,
  ...props
}: ButtonProps): ReactElement {
  const button = (
    <button
      type="button"
      className={cn(styles({ look, size }), className)}
      aria-label={tip}
      {...props}
      aria-disabled={blocked !== undefined || undefined}
      onClick={blocked === undefined ? onClick : (event) => event.preventDefault()}
    />
  );
  const said = blocked ?? tip;
  return said === undefined ? button : <Tip text={said}>{button}</Tip>;
}
