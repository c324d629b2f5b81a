'use client';
import type { AuditEntry } from '@flatland/bff/api/console';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { timeText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useNow } from '../../state/use-now.ts';

/** Every act with person, object and result; each row chains to the one before. */
export function AuditTable() {
  const trpc = useTRPC();
  const now = useNow();
  const audit = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions({ limit: 100 }, { getNextPageParam: (page) => page.nextCursor }),
  );
  const rows = useMemo(() => audit.data?.pages.flatMap((page) => page.items) ?? [], [audit.data]);
  const columns = useMemo(() => columnsOf(now), [now]);
  const chain = audit.data?.pages[0]?.chain;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {chain && (
        <div
          className="flex items-center gap-2 border-b border-line px-4 py-2 text-xs text-ink-3"
          data-testid="audit-chain"
        >
          {chain.intact ? (
            <Badge>
              <ShieldCheck aria-hidden /> chain intact
            </Badge>
          ) : (
            <Badge tone="fail">
              <ShieldAlert aria-hidden /> chain broken at row {chain.brokenAtSeq}
            </Badge>
          )}
          Each row holds the hash of the one before.
        </div>
      )}
      <DataTable
        testId="audit"
        label="Audit"
        rows={rows}
        columns={columns}
        rowId={(row) => String(row.seq)}
        empty={
          audit.isPending ? undefined : (
            <Empty
              icon={ScrollText}
              title="No rows yet"
              why="Every act of a person, and every object written, gets a row here."
            />
          )
        }
      />
      {audit.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button size="sm" look="ghost" onClick={() => void audit.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function columnsOf(now: number): Column<AuditEntry>[] {
  return [
    {
      id: 'seq',
      header: '#',
      width: '56px',
      value: (row) => row.seq,
      cell: (row) => <span className="tabular text-ink-3">{row.seq}</span>,
    },
    {
      id: 'when',
      header: 'When',
      width: '110px',
      value: (row) => row.atMs,
      cell: (row) => timeText(row.atMs, now),
    },
    { id: 'person', header: 'Person', width: '110px', value: (row) => row.person },
    { id: 'action', header: 'Action', width: 'minmax(110px,1fr)', value: (row) => row.action },
    {
      id: 'object',
      header: 'Object',
      width: 'minmax(150px,2fr)',
      value: (row) => (row.object ? `${row.object.cluster} ${row.object.kind} ${row.object.name}` : ''),
      cell: (row) =>
        row.object && (
          <span className="truncate">
            {row.object.kind} {row.object.name} <span className="text-ink-3">{row.object.cluster}</span>
          </span>
        ),
    },
    { id: 'detail', header: 'Detail', width: 'minmax(120px,2fr)', value: (row) => row.detail },
    {
      id: 'result',
      header: 'Result',
      width: '84px',
      value: (row) => row.result,
      cell: (row) => (
        <Badge tone={row.result === 'done' ? 'plain' : row.result === 'failed' ? 'fail' : 'warn'}>
          {row.result}
        </Badge>
      ),
    },
  ];
}
