'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { History, RefreshCw } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useMemo, useRef } from 'react';
import type { ChangeSetSummary } from '@flatland/shared/report/console-event';
import { Button } from '../../components/ui/button.tsx';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { tellError } from '../../lib/console-error.ts';
import { timeText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useActivityTab, useChangeSetId, useDriftId } from '../../lib/url-state.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { ChangeSetView, StateBadge } from '../review/change-set-view.tsx';
import { DriftDetail } from '../drift/drift-detail.tsx';
import { DriftList } from '../drift/drift-list.tsx';
import { DriftTab } from '../drift/drift-tab.tsx';
import { AuditTable } from './audit-table.tsx';
import { Beside } from './beside.tsx';

const PAGE = 100;

/** What was changed, by whom, with which result, and what is not so any more; each change can be reverted. */
export function ActivityPage() {
  const [id, setId] = useChangeSetId();
  const [tab, setTab] = useActivityTab();
  const [drift, setDrift] = useDriftId();
  const isDrifted = useLive((live) => live.drifted.some((object) => object.id === drift));
  const open = (next: string) => void setId(next);
  const closeChangeSet = () => {
    void setId(null);
    if (!isDrifted) void setDrift(null);
  };
  const closeDrift = () => void setDrift(null);
  const beside = id !== null ? 'change-set' : tab === 'drift' && drift !== null ? 'drift' : undefined;
  const list = useRef<HTMLDivElement>(null);
  const isOpen = beside !== undefined;
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    // What is closed leaves the focus nowhere.
    const isLost = wasOpen.current && !isOpen && document.activeElement === document.body;
    wasOpen.current = isOpen;
    if (isLost) list.current?.focus({ preventScroll: true });
  }, [isOpen]);
  return (
    <div className="flex min-h-0 flex-1">
      <div ref={list} tabIndex={-1} className="flex min-w-0 flex-1 flex-col bg-panel outline-none">
        <Tabs
          label="Activity"
          value={tab}
          onChange={(next) => void setTab(next as typeof tab)}
          tabs={[
            {
              id: 'changes',
              label: 'Changes',
              panel: <Changes id={id} onOpen={open} />,
            },
            {
              id: 'drift',
              label: <DriftTab />,
              panel: (
                <DriftList
                  selected={drift}
                  narrow={beside !== undefined}
                  onSelect={(next) => {
                    void setDrift(next);
                    void setId(null);
                  }}
                  onOpen={open}
                />
              ),
            },
            { id: 'audit', label: 'Audit', panel: <AuditTable /> },
          ]}
        />
      </div>
      {beside === 'change-set' && id !== null && (
        <Beside key={id} label="Change set" testId="change-set" onClose={closeChangeSet}>
          {(closeButton) => (
            <ChangeSetView id={id} onClose={closeChangeSet} onOpen={open} closeButton={closeButton} />
          )}
        </Beside>
      )}
      {beside === 'drift' && drift !== null && (
        <Beside key={drift} label="Drifted object" testId="drift-detail" onClose={closeDrift}>
          {(closeButton) => (
            <DriftDetail id={drift} onClose={closeDrift} onOpen={open} closeButton={closeButton} />
          )}
        </Beside>
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
