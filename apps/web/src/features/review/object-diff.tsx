'use client';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Segmented } from '../../components/ui/segmented.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { ReviewSection } from './section.tsx';

export type DiffMode = 'unified' | 'split';

/** Loaded once a diff is looked at. */
export const YamlDiff = dynamic(() => import('./yaml-diff.tsx').then((module) => module.YamlDiff), {
  ssr: false,
  loading: () => <Skeleton className="h-full" />,
});

/** One column or two. */
export function DiffModes({ mode, onChange }: { mode: DiffMode; onChange: (mode: DiffMode) => void }) {
  return (
    <Segmented
      label="Diff"
      value={mode}
      onChange={onChange}
      segments={[
        { value: 'unified', label: 'Unified' },
        { value: 'split', label: 'Split' },
      ]}
    />
  );
}

/** One object, before and after. */
export function ObjectDiff({
  title,
  object,
  before,
  after,
}: {
  title: string;
  object: ObjectRef;
  before: string;
  after: string;
}) {
  const [mode, setMode] = useState<DiffMode>('unified');
  return (
    <ReviewSection title={title} aside={<DiffModes mode={mode} onChange={setMode} />}>
      <div className="h-[320px] overflow-auto rounded-lg border border-line" data-testid="yaml-diff">
        <YamlDiff before={before} after={after} mode={mode} label={`Diff of ${object.kind} ${object.name}`} />
      </div>
    </ReviewSection>
  );
}
