'use client';
import { MOST_AT_ONCE, type DriftedObject } from '@flatland/shared/plan/drift';
import { GIT_ENGINE_TITLES } from '@flatland/shared/plan/git-owner';
import type { Topology } from '@flatland/shared/topology/topology';
import { CheckCheck, RotateCcw, ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { driftText } from '../../graph/model/drift-marks.ts';
import { plural, timeText } from '../../lib/format.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { AdoptDialog } from './adopt-dialog.tsx';
import { objectPlace, whatDrifted } from './drift-words.ts';
import { useDriftActions } from './use-drift-actions.ts';

interface Props {
  readonly selected: string | null;
  /** True where something is open beside the list. */
  readonly narrow: boolean;
  readonly onSelect: (id: string) => void;
  /** Opens a change set that adopts or restores. */
  readonly onOpen: (changeSet: string) => void;
}

/** Everything that is not what a change set applied last; all of it is adopted or restored at once, or one by one. */
export function DriftList({ selected, narrow, onSelect, onOpen }: Props) {
  const drifted = useLive((live) => live.drifted);
  const known = useLive((live) => live.known);
  const now = useNow();
  const isKept = drifted.some(({ git }) => git !== undefined);
  const columns = useMemo(
    () =>
      columnsOf(now).filter(({ id }) => (narrow ? id === 'object' || id === 'what' : id !== 'git' || isKept)),
    [now, narrow, isKept],
  );
  if (!known)
    return (
      <div className="flex flex-col gap-2 p-4" aria-busy data-testid="drift-loading">
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </div>
    );
  return (
    <div className="flex h-full min-h-0 flex-col">
      {drifted.length > 0 && <All drifted={drifted} onOpen={onOpen} />}
      <DataTable
        testId="drift"
        label="Drift"
        rows={drifted}
        columns={columns}
        rowId={(row) => row.id}
        selected={selected}
        onSelect={onSelect}
        rowHeight={52}
        empty={
          <Empty
            testId="no-drift"
            icon={ShieldCheck}
            title="Everything is as it was applied"
            why="What somebody changes or deletes after a change set applied it appears here: with kubectl, by another tool, or in Git. What no change set applied has no drift."
          />
        }
      />
    </div>
  );
}

/** What is done with all of them. */
function All({
  drifted,
  onOpen,
}: {
  drifted: readonly DriftedObject[];
  onOpen: (changeSet: string) => void;
}) {
  const clusters = useLive((live) => live.topology.clusters);
  const { restore, blocked } = useDriftActions(onOpen);
  const [adopting, setAdopting] = useState<readonly DriftedObject[]>([]);
  const { objects, note } = atOnce(drifted, clusters);
  const why = blocked ?? (objects.length === 0 ? 'Their clusters do not answer' : undefined);
  return (
    <div className="flex min-h-12 shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <p className="flex min-w-40 flex-1 flex-wrap items-center gap-x-2 text-sm" data-testid="drift-count">
        {driftText(drifted.length)}
        {note !== undefined && <span className="text-xs text-ink-3">{note}</span>}
      </p>
      {drifted.length > 1 && (
        <>
          <Button size="sm" data-testid="adopt-all" blocked={why} onClick={() => setAdopting(objects)}>
            <CheckCheck /> Adopt all…
          </Button>
          <Button
            size="sm"
            data-testid="restore-all"
            blocked={why}
            onClick={() => restore.mutate({ ids: objects.map(({ id }) => id) })}
          >
            <RotateCcw /> Restore all…
          </Button>
        </>
      )}
      {adopting.length > 0 && (
        <AdoptDialog
          objects={adopting}
          onClose={() => setAdopting([])}
          onOpen={(id) => {
            setAdopting([]);
            onOpen(id);
          }}
        />
      )}
    </div>
  );
}

/** Those that can be adopted or restored together, and what is to be said of the others. */
function atOnce(
  drifted: readonly DriftedObject[],
  clusters: Topology['clusters'],
): { readonly objects: readonly DriftedObject[]; readonly note: string | undefined } {
  const answering = drifted.filter(({ object }) => clusters[object.cluster]?.reachable === true);
  const objects = answering.slice(0, MOST_AT_ONCE);
  const silent = drifted.length - answering.length;
  const notes = [
    ...(silent > 0 ? [`${plural(silent, 'object')} in clusters that do not answer`] : []),
    ...(answering.length > objects.length ? [`${MOST_AT_ONCE} at once`] : []),
  ];
  return { objects, note: notes.length === 0 ? undefined : notes.join(', ') };
}

function columnsOf(now: number): Column<DriftedObject>[] {
  return [
    {
      id: 'object',
      header: 'Object',
      width: 'minmax(180px,2.4fr)',
      value: (row) => row.object.name,
      cell: (row) => (
        <span className="flex min-w-0 flex-col leading-tight">
          <span className="truncate font-medium">{row.object.name}</span>
          <span className="truncate text-2xs text-ink-3">
            {row.object.kind} · {objectPlace(row.object)}
          </span>
        </span>
      ),
    },
    {
      id: 'what',
      header: 'What',
      width: 'minmax(120px,2fr)',
      value: whatDrifted,
      cell: (row) =>
        row.how === 'deleted' ? (
          <Badge tone="warn">deleted</Badge>
        ) : (
          <span className="font-mono text-xs">{whatDrifted(row)}</span>
        ),
    },
    {
      id: 'domain',
      header: 'Domain',
      width: 'minmax(84px,1fr)',
      value: (row) => row.domain ?? '',
      cell: (row) => row.domain !== undefined && <DomainChip name={row.domain} />,
    },
    {
      id: 'git',
      header: 'Kept by',
      width: '84px',
      value: (row) => (row.git === undefined ? '' : GIT_ENGINE_TITLES[row.git]),
    },
    {
      id: 'applied',
      header: 'Applied',
      width: '110px',
      value: (row) => row.appliedAtMs,
      cell: (row) => timeText(row.appliedAtMs, now),
    },
  ];
}
