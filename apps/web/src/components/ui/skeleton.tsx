import { cn } from '../../lib/cn.ts';

/** A place that is being filled. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-active/70', className)} />;
}
