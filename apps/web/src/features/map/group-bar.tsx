'use client';
import { Link2, X } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { plural } from '../../lib/format.ts';
import { useUi } from '../../state/ui-store.ts';

/** What is connected together: chosen with Shift and a click, or Space. */
export function GroupBar() {
  const group = useUi((ui) => ui.group);
  const [first] = [...group].toSorted();
  if (first === undefined) return null;
  return (
    <div
      data-testid="group-bar"
      className="absolute top-3 left-1/2 z-10 flex -translate-x-1/2 items-center gap-1 rounded-lg border border-line bg-panel py-1 pr-1 pl-3 text-xs font-medium shadow-float"
    >
      {plural(group.size, 'workload')} chosen
      <Button size="sm" look="ghost" onClick={() => useUi.getState().ask({ kind: 'target', source: first })}>
        <Link2 /> Connect all…
      </Button>
      <Button size="icon-sm" look="ghost" tip="Clear" onClick={() => useUi.getState().clearGroup()}>
        <X />
      </Button>
    </div>
  );
}
