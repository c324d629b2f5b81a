'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { History, RefreshCw, X } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import type { ChangeSetSummary } from '@flatland/shared/report/console-event';
import { Button } from '../../components/ui/button.tsx';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { tellError } from '../../lib/console-error.ts';
import { timeText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useChangeSetId } from '../../lib/url-state.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { ChangeSetView, StateBadge } from '../review/change-set-view.tsx';
import { AuditTable } from './audit-table.tsx';

const PAGE = 100;

/** What was changed, by whom, with which result; each change can be reverted. */
export function ActivityPage() {
  const [id, setId] = useChangeSetId();
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col bg-panel">
        <Tabs
          label="Activity"
          tabs={[
            {
              id: 'changes',
              label: 'Changes',
              panel: <Changes id={id} onOpen={(next) => void setId(next)} />,
            },
            { id: 'audit', label: 'Audit', panel: <AuditTable /> },
          ]}
        />
      </div>
      {id !== null && (
        <aside
          aria-label="Change set"
          data-testid="change-set"
          className="flex w-[min(820px,62%)] shrink-0 flex-col border-l border-line bg-panel"
        >
          <ChangeSetView
            key={id}
            id={id}
            onClose={() => void setId(null)}
            onOpen={(next) => void setId(next)}
            closeButton={
              <Button
                look="ghost"
                size="icon"
                aria-label="Close the change set"
                onClick={() => void setId(null)}
              >
                <X />
              </Button>
            }
          />
        </aside>
      )}
    </div>
  );
}

function Changes({ id, onOpen }: { id: string | null; onOpen: (id: string) => void }) {
  const trpc = useTRPC();
  const live = useLive((state) => state.changeSets);
  const now = useNow();
  const list = useInfiniteQuery(
    trpc.changeSet.list.infiniteQueryOptions(
      { limit: PAGE },
      { getNextPageParam: (page) => page.nextCursor },
    ),
  );
  const rows = useMemo(() => {
    const listed = list.data?.pages.flatMap((page) => page.items) ?? [];
    return listed.map((summary) => live[summary.id] ?? summary);
  }, [list.data, live]);
  const columns = useMemo(() => columnsOf(now), [now]);
  if (list.isError)
    return (
      <Empty
        icon={History}
        title={tellError(list.error).message}
        why={tellError(list.error).hint}
        next={
          <Button onClick={() => void list.refetch()}>
            <RefreshCw /> Try again
          </Button>
        }
      />
    );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <DataTable
        testId="changes"
        label="Changes"
        rows={rows}
        columns={
          id === null ? columns : columns.filter((column) => column.id === 'title' || column.id === 'state')
        }
        rowId={(summary) => summary.id}
        selected={id}
        onSelect={onOpen}
        rowHeight={52}
        empty={
          list.isPending ? undefined : (
            <Empty
              testId="no-changes"
              icon={History}
              title="Nothing was changed yet"
              why="Changes appear here once they are staged: who, when, which objects, and what packets proved."
              next={
                <Link href="/" className="text-sm font-medium text-ink underline underline-offset-2">
                  Connect something on the map
                </Link>
              }
            />
          )
        }
      />
      {list.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button size="sm" look="ghost" onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function columnsOf(now: number): Column<ChangeSetSummary>[] {
  return [
    {
      id: 'title',
      header: 'Change',
      width: 'minmax(180px,3fr)',
      value: (row) => row.title,
      cell: (row) => (
        <span className="flex min-w-0 flex-col leading-tight">
          <span className="truncate font-medium">{row.title}</span>
          <span className="truncate text-2xs text-ink-3">
            {row.person}, {timeText(row.createdAtMs, now)}
            {row.revertOf !== undefined && ' · undoes an earlier change'}
          </span>
        </span>
      ),
    },
    {
      id: 'clusters',
      header: 'Clusters',
      width: 'minmax(120px,2fr)',
      value: (row) => row.clusters.map((cluster) => cluster.cluster).join(', '),
      cell: (row) => (
        <span className="flex gap-1 overflow-hidden">
          {row.clusters.map((cluster) => (
            <Badge
              key={cluster.cluster}
              tone={cluster.state === 'failed' ? 'fail' : cluster.state === 'waiting' ? 'warn' : 'plain'}
            >
              {cluster.cluster}
            </Badge>
          ))}
        </span>
      ),
    },
    {
      id: 'when',
      header: 'When',
      width: '110px',
      value: (row) => row.createdAtMs,
      cell: (row) => timeText(row.createdAtMs, now),
    },
    {
      id: 'state',
      header: 'State',
      width: '92px',
      value: (row) => row.state,
      cell: (row) => <StateBadge state={row.state} />,
    },
  ];
}
