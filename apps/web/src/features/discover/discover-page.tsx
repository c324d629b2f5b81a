'use client';
import { nsmClients, type NsmClient } from '@flatland/shared/manifest/nsm/discover';
import { ScanSearch } from 'lucide-react';
import { useMemo } from 'react';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { useLive } from '../../live/live-store.ts';
import { plural } from '../../lib/format.ts';
import { useSelection } from '../../lib/url-state.ts';
import { useGraphModel, useGraphOptions } from '../map/use-graph-model.ts';
import { SidePanel } from '../panel/side-panel.tsx';

/** Workloads that ask Network Service Mesh for network services, read from their annotations. */
export function DiscoverPage() {
  const topology = useLive((state) => state.topology);
  const rows = useMemo(() => nsmClients(topology), [topology]);
  const [selected, setSelected] = useSelection();
  const model = useGraphModel(useGraphOptions());
  const chosen = rows.find((row) => keyOf({ type: 'workload', id: row.workload.id }) === selected);
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col bg-panel">
        <div className="flex h-13 shrink-0 items-center gap-3 border-b border-line px-4">
          <p className="flex-1 truncate text-sm text-ink-3">
            What workloads ask of Network Service Mesh, by their annotations. Flatland only reads it.
          </p>
          <p className="text-xs whitespace-nowrap text-ink-3" data-testid="discover-count">
            {plural(rows.length, 'request')}
          </p>
        </div>
        <DataTable
          testId="discovered"
          label="Requests of network services"
          rows={rows}
          columns={COLUMNS}
          rowId={(row) => row.id}
          selected={chosen?.id}
          onSelect={(id) => {
            const row = rows.find((entry) => entry.id === id);
            if (row) void setSelected(keyOf({ type: 'workload', id: row.workload.id }));
          }}
          empty={
            <Empty
              icon={ScanSearch}
              title="Nothing uses Network Service Mesh"
              why="No workload and no namespace has the annotation networkservicemesh.io."
            />
          }
        />
      </div>
      <SidePanel selected={selected} model={model} onSelect={(key) => void setSelected(key ?? null)} />
    </div>
  );
}

const COLUMNS: readonly Column<NsmClient>[] = [
  {
    id: 'workload',
    header: 'Workload',
    width: 'minmax(100px,1.2fr)',
    value: (row) => row.workload.name,
    cell: (row) => <span className="truncate font-medium">{row.workload.name}</span>,
  },
  {
    id: 'where',
    header: 'Where',
    width: 'minmax(100px,1.2fr)',
    value: (row) => `${row.workload.cluster} / ${row.workload.namespace}`,
  },
  {
    id: 'service',
    header: 'Network service',
    width: 'minmax(120px,1.5fr)',
    value: (row) => serviceOf(row),
    cell: (row) => (
      <span className="truncate font-mono text-xs text-ink-2" title={row.fault ?? row.text}>
        {serviceOf(row)}
      </span>
    ),
  },
  {
    id: 'from',
    header: 'Set on',
    width: '92px',
    value: (row) => row.from,
  },
  {
    id: 'domain',
    header: 'Matches',
    width: 'minmax(84px,.9fr)',
    value: (row) => row.domain ?? '',
    cell: (row) =>
      row.domain === undefined ? (
        <span className="text-ink-3">no domain</span>
      ) : (
        <DomainChip name={row.domain} />
      ),
  },
  {
    id: 'managed',
    header: 'State',
    width: 'minmax(148px,1fr)',
    value: (row) => stateOf(row),
    cell: (row) => <Badge tone={row.fault === undefined ? 'plain' : 'warn'}>{stateOf(row)}</Badge>,
  },
];

function serviceOf({ request, text }: NsmClient): string {
  if (request === undefined) return text;
  return request.registry === undefined ? request.service : `${request.service}@${request.registry}`;
}

function stateOf({ fault, isMember }: NsmClient): string {
  if (fault !== undefined) return 'cannot be read';
  return isMember ? 'member of the domain' : 'not managed by Flatland';
}
