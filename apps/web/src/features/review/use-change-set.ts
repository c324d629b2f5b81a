'use client';
import type { ChangeSet } from '@flatland/bff/api/change-set';
import type { ChangeSetSummary } from '@flatland/shared/report/console-event';
import { useQuery } from '@tanstack/react-query';
import { useLive } from '../../live/live-store.ts';
import { useTRPC } from '../../lib/trpc.ts';

export interface ChangeSetQuery {
  readonly changeSet: ChangeSet | undefined;
  /** The newest of what the stream and the query told. */
  readonly summary: ChangeSetSummary | undefined;
  readonly error: unknown;
  readonly refetch: () => void;
}

/** A change set, kept current by the event stream. */
export function useChangeSet(id: string): ChangeSetQuery {
  const trpc = useTRPC();
  const live = useLive((state) => state.changeSets[id]);
  const query = useQuery(
    trpc.changeSet.get.queryOptions(
      { id },
      {
        // Proofs come in one by one, and the stream tells of whole clusters only.
        refetchInterval: (running) => (isRunning(running.state.data) ? 1000 : false),
      },
    ),
  );
  return {
    changeSet: query.data,
    summary: live ?? query.data?.summary,
    error: query.error,
    refetch: () => void query.refetch(),
  };
}

function isRunning(changeSet: ChangeSet | undefined): boolean {
  if (changeSet === undefined) return false;
  const { state } = changeSet.summary;
  return (
    state === 'applying' ||
    state === 'partial' ||
    (state === 'applied' && changeSet.proofs.some((proof) => proof.state === 'pending'))
  );
}
