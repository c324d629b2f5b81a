'use client';
import type { ChangeSet, ObjectConflict } from '@flatland/bff/api/change-set';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../lib/trpc.ts';

const CONTESTED: ReadonlySet<string> = new Set(['changed-meanwhile', 'field-conflict']);
const NONE: readonly ObjectConflict[] = [];
/** How often objects that are quarrelled over are looked at again while a person chooses. */
const REFETCH_MS = 3000;

/** What others changed of a change set's objects, as it is now; asked only where something was refused for it. */
export function useConflicts(changeSet: ChangeSet | undefined): readonly ObjectConflict[] {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.changeSet.conflicts.queryOptions(
      { id: changeSet?.summary.id ?? '' },
      {
        enabled: changeSet !== undefined && isContested(changeSet),
        refetchInterval: REFETCH_MS,
        staleTime: 0,
      },
    ),
  );
  return (changeSet !== undefined && isContested(changeSet) && query.data) || NONE;
}

function isContested({ summary, planned, steps }: ChangeSet): boolean {
  if (summary.state === 'planned')
    return planned.dryRun.some(
      (answer) => answer.outcome === 'refused' && CONTESTED.has(answer.refusal.code),
    );
  return (
    summary.state === 'partial' &&
    steps.some((step) => step.state === 'failed' && CONTESTED.has(step.refusal?.code ?? ''))
  );
}
