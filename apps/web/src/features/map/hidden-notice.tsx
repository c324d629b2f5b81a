'use client';
import { EyeOff } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import type { HiddenCounts } from '../../graph/model/graph-model.ts';
import { plural } from '../../lib/format.ts';
import {
  useFilterDomains,
  useFilterText,
  useFocusMode,
  useOnlyTrouble,
  useShowSystem,
} from '../../lib/url-state.ts';

/** Takes every filter away. */
export function useClearFilters(): () => void {
  const [, setText] = useFilterText();
  const [, setDomains] = useFilterDomains();
  const [, setFocus] = useFocusMode();
  const [, setTrouble] = useOnlyTrouble();
  return () => {
    void setText(null);
    void setDomains(null);
    void setFocus(null);
    void setTrouble(null);
  };
}

/** What is hidden is said, with the way to see it. */
export function HiddenNotice({ hidden }: { hidden: HiddenCounts }) {
  const clear = useClearFilters();
  const [showSystem, setShowSystem] = useShowSystem();
  if (hidden.filtered === 0 && hidden.system === 0 && !showSystem) return null;
  return (
    <div
      data-testid="hidden-notice"
      className="absolute top-3 left-3 z-10 flex items-center gap-2 rounded-lg border border-line bg-panel/95 py-1 pr-1 pl-2.5 text-xs text-ink-2 shadow-card"
    >
      <EyeOff className="size-3.5 text-ink-3" aria-hidden />
      {hidden.filtered > 0 && (
        <>
          <span>{plural(hidden.filtered, 'workload')} hidden</span>
          <Button size="sm" look="ghost" className="h-6 px-2" onClick={clear} data-testid="show-hidden">
            Show
          </Button>
        </>
      )}
      {hidden.system > 0 && (
        <>
          <span>{plural(hidden.system, 'system workload')} hidden</span>
          <Button size="sm" look="ghost" className="h-6 px-2" onClick={() => void setShowSystem(true)}>
            Show
          </Button>
        </>
      )}
      {showSystem && (
        <Button size="sm" look="ghost" className="h-6 px-2" onClick={() => void setShowSystem(null)}>
          Hide system workloads
        </Button>
      )}
    </div>
  );
}
