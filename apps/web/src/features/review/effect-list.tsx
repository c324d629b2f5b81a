'use client';
import type { Effect } from '@flatland/shared/plan/plan';
import type { Pair } from '@flatland/shared/reachability/verdict';
import { ArrowRight, Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { workloadParts } from '../../graph/model/element-key.ts';
import { cn } from '../../lib/cn.ts';
import { ReviewSection } from './section.tsx';

const SHOWN = 6;

/** Who reaches whom after the change but not before, and the other way round. */
export function EffectList({ effect }: { effect: Effect }) {
  return (
    <ReviewSection title="Effect on who reaches whom" testId="effect">
      {effect.gained.length === 0 && effect.lost.length === 0 ? (
        <p className="text-sm text-ink-3">Nobody gains or loses reach.</p>
      ) : (
        <div className="grid grid-cols-2 items-start gap-3 max-lg:grid-cols-1">
          <Pairs kind="gained" pairs={effect.gained} />
          <Pairs kind="lost" pairs={effect.lost} />
        </div>
      )}
      <p className="text-xs text-ink-3" data-testid="restarts">
        {effect.restarts.length === 0 ? 'No pod restarts.' : `Restarts: ${effect.restarts.join(', ')}`}
      </p>
    </ReviewSection>
  );
}

function Pairs({ kind, pairs }: { kind: 'gained' | 'lost'; pairs: readonly Pair[] }) {
  const [all, setAll] = useState(false);
  const Icon = kind === 'gained' ? Plus : Minus;
  const shown = all ? pairs : pairs.slice(0, SHOWN);
  return (
    <div className="rounded-lg border border-line" data-testid={`pairs-${kind}`}>
      <p className="flex items-center gap-2 px-3 py-2 text-sm font-medium">
        <Icon className={cn('size-4', pairs.length === 0 && 'text-ink-3')} aria-hidden />
        {pairs.length === 0
          ? `No pair ${kind}`
          : `${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'} ${kind}`}
      </p>
      <ul className="max-h-64 overflow-y-auto border-t border-line px-3 py-1.5 empty:hidden">
        {shown.map((pair) => (
          <li
            key={`${pair.from}>${pair.to}`}
            data-testid="pair"
            className="flex h-6 items-center gap-1.5 text-xs"
          >
            <End id={pair.from} />
            <ArrowRight className="size-3 shrink-0 text-ink-3" aria-label="reaches" />
            <End id={pair.to} />
          </li>
        ))}
        {pairs.length > SHOWN && (
          <li>
            <Button look="ghost" size="sm" className="-ml-2" onClick={() => setAll(!all)}>
              {all ? 'Show fewer' : `Show all ${pairs.length}`}
            </Button>
          </li>
        )}
      </ul>
    </div>
  );
}

function End({ id }: { id: string }) {
  const { cluster, name } = workloadParts(id);
  return (
    <span className="min-w-0 truncate" title={id}>
      <span className="font-medium">{name}</span> <span className="text-ink-3">{cluster}</span>
    </span>
  );
}
