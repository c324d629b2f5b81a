'use client';
import { Badge } from '../../components/ui/badge.tsx';
import { useLive } from '../../live/live-store.ts';

/** The tab's name, with how many objects drifted. */
export function DriftTab() {
  const count = useLive((live) => live.drifted.length);
  if (count === 0) return 'Drift';
  return (
    <span className="flex items-center gap-1.5">
      Drift <Badge tone="warn">{count}</Badge>
    </span>
  );
}
