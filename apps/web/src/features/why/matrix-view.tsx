'use client';
import type { MatrixCell } from '@flatland/bff/api/console';
import { REASONS } from '@flatland/shared/reason/reasons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Grid3x3, Radar } from 'lucide-react';
import Link from 'next/link';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Segmented } from '../../components/ui/segmented.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { workloadParts } from '../../graph/model/element-key.ts';
import { cn } from '../../lib/cn.ts';
import { tellError } from '../../lib/console-error.ts';
import { plural } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useLive } from '../../live/live-store.ts';
import { probeKey } from '../../live/live-state.ts';
import { useBlocked } from '../../state/use-blocked.ts';

type Show = 'all' | 'disagreements';

/** Every pair: verdict and packet in one cell. Disagreements stand out, and can be had alone. */
export function MatrixView() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const blocked = useBlocked();
  const [show, setShow] = useState<Show>('all');
  const probes = useLive((live) => live.probes);
  const matrix = useQuery(trpc.probe.matrix.queryOptions({}));
  const runAll = useMutation(
    trpc.probe.runAll.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.probe.matrix.queryFilter()),
      onError: (error) => toast.error(tellError(error).message, { description: tellError(error).hint }),
    }),
  );
  const cells = useMemo(
    () =>
      new Map(
        (matrix.data?.cells ?? []).map((cell) => {
          const probe = probes[probeKey(cell)] ?? cell.probe;
          return [probeKey(cell), probe ? { ...cell, probe } : cell];
        }),
      ),
    [matrix.data, probes],
  );
  if (matrix.isPending) return <Skeleton className="m-6 h-96" />;
  if (matrix.isError)
    return (
      <Empty icon={Grid3x3} title={tellError(matrix.error).message} why={tellError(matrix.error).hint} />
    );
  const wrong = [...cells.values()].filter(disagrees);
  const involved = new Set(wrong.flatMap((cell) => [cell.from, cell.to]));
  const workloads = matrix.data.workloads.filter((id) => show === 'all' || involved.has(id));
  return (
    <div className="flex flex-col gap-4 px-6 py-5">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented<Show>
          label="Pairs"
          value={show}
          onChange={setShow}
          segments={[
            { value: 'all', label: 'All pairs' },
            { value: 'disagreements', label: `Disagreements (${wrong.length})` },
          ]}
        />
        <Button
          data-testid="probe-all"
          blocked={blocked ?? (runAll.isPending ? 'Probes are under way' : undefined)}
          onClick={() => runAll.mutate({})}
        >
          <Radar className={runAll.isPending ? 'motion-safe:animate-pulse' : ''} />
          {runAll.isPending ? 'Probing every pair…' : 'Probe every pair'}
        </Button>
        <Key />
      </div>
      {wrong.length > 0 && (
        <Notice
          tone="fail"
          title={`${plural(wrong.length, 'pair')} disagree with the verdict`}
          testId="matrix-disagreement"
        >
          Their packets did something else than the objects say.
        </Notice>
      )}
      {matrix.data.nOmitted > 0 && (
        <Notice tone="info" title={`${plural(matrix.data.nOmitted, 'workload')} left out`}>
          There are too many for one matrix.
        </Notice>
      )}
      {workloads.length === 0 ? (
        <Empty
          icon={Grid3x3}
          title="No disagreement"
          why="Packets did what the verdicts say, for every pair that was probed."
        />
      ) : (
        <div className="w-fit max-w-full overflow-auto rounded-lg border border-line bg-panel p-2">
          <table className="border-separate border-spacing-0 text-xs" data-testid="matrix">
            <thead>
              <tr>
                <th
                  scope="col"
                  className="sticky left-0 z-10 bg-panel p-2 text-left text-2xs font-medium text-ink-3"
                >
                  from ↓ to →
                </th>
                {workloads.map((id) => (
                  <th key={id} scope="col" className="h-28 align-bottom font-medium">
                    <span
                      className="inline-block max-h-28 truncate py-2 text-ink-2 rotate-180 [writing-mode:vertical-rl]"
                      title={id}
                    >
                      {workloadParts(id).name}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {workloads.map((from) => (
                <tr key={from}>
                  <th
                    scope="row"
                    title={from}
                    className="sticky left-0 z-10 max-w-44 truncate bg-panel px-3 text-left font-medium"
                  >
                    {workloadParts(from).name}{' '}
                    <span className="font-normal text-ink-3">{workloadParts(from).cluster}</span>
                  </th>
                  {workloads.map((to) => (
                    <td key={to} className="p-0.5">
                      <Cell cell={cells.get(probeKey({ from, to }))} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function disagrees(cell: MatrixCell): boolean {
  return cell.probe?.agrees === false;
}

const SIGNS = { yes: '✓', no: '·', unknown: '?' } as const;

function Cell({ cell }: { cell: MatrixCell | undefined }) {
  if (cell === undefined) return <span className="block size-7 rounded bg-sunken" />;
  const wrong = disagrees(cell);
  const proved = cell.probe !== undefined && !wrong;
  const said = `${workloadParts(cell.from).name} to ${workloadParts(cell.to).name}: ${cell.verdict.answer}, ${REASONS[cell.verdict.reason].title}${wrong ? '; packets disagree' : proved ? '; proved' : '; not probed'}`;
  return (
    <Link
      href={`/why?from=${encodeURIComponent(cell.from)}&to=${encodeURIComponent(cell.to)}`}
      title={said}
      aria-label={said}
      prefetch={false}
      data-testid="cell"
      data-answer={cell.verdict.answer}
      data-agrees={cell.probe?.agrees}
      className={cn(
        'flex size-7 items-center justify-center rounded border text-xs transition-colors hover:border-ink',
        wrong
          ? 'border-fail bg-fail-soft font-bold text-fail-ink'
          : cell.verdict.answer === 'yes'
            ? proved
              ? 'border-solid bg-solid text-ink-inverse'
              : 'border-line-strong bg-active text-ink'
            : cell.verdict.answer === 'unknown'
              ? 'border-dashed border-line-strong text-ink-2'
              : 'border-line text-ink-3',
      )}
    >
      {wrong ? '!' : SIGNS[cell.verdict.answer]}
    </Link>
  );
}

function Key() {
  return (
    <p className="flex items-center gap-4 text-xs text-ink-3">
      <span className="flex items-center gap-1.5">
        <span className="flex size-4 items-center justify-center rounded bg-solid text-2xs text-ink-inverse">
          ✓
        </span>{' '}
        reaches, proved
      </span>
      <span className="flex items-center gap-1.5">
        <span className="flex size-4 items-center justify-center rounded border border-line-strong bg-active text-2xs text-ink">
          ✓
        </span>{' '}
        reaches, not probed
      </span>
      <span className="flex items-center gap-1.5">
        <span className="flex size-4 items-center justify-center rounded border border-line text-2xs">·</span>{' '}
        does not
      </span>
      <span className="flex items-center gap-1.5">
        <span className="flex size-4 items-center justify-center rounded border border-fail bg-fail-soft text-2xs font-bold text-fail-ink">
          !
        </span>{' '}
        disagrees
      </span>
    </p>
  );
}
