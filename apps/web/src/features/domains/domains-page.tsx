'use client';
import type { ClusterName } from '@flatland/shared/model/names';
import { suggestDomain } from '@flatland/shared/intent/suggest-domain';
import type { DomainView } from '@flatland/shared/topology/topology';
import { Hexagon, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { DriftSign } from '../../components/drift/drift-sign.tsx';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { useLive } from '../../live/live-store.ts';
import { useSelection } from '../../lib/url-state.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useProjected } from '../../state/use-connect.ts';
import { useUi } from '../../state/ui-store.ts';
import { useDriftMarks } from '../drift/use-drift-marks.ts';
import { useGraphModel, useGraphOptions } from '../map/use-graph-model.ts';
import { clashesOf } from '../panel/clashes.ts';
import { SidePanel } from '../panel/side-panel.tsx';

/** All domains, in the selection of the map. */
export function DomainsPage() {
  const topology = useProjected();
  const live = useLive((state) => state.topology.domains);
  const [selected, setSelected] = useSelection();
  const model = useGraphModel(useGraphOptions());
  const hues = useHues();
  const marks = useDriftMarks();
  const blocked = useBlocked();
  const rows = useMemo(() => Object.values(topology.domains), [topology.domains]);
  const columns = useMemo<Column<DomainView>[]>(
    () => [
      {
        id: 'name',
        header: 'Name',
        width: 'minmax(100px,1.2fr)',
        value: (row) => row.id,
        cell: (row) => (
          <span className="flex min-w-0 items-center gap-2 font-medium">
            <DomainSign hue={hues.get(row.id)} />
            <span className="truncate">{row.id}</span>
            <DriftSign objects={marks.get(keyOf({ type: 'domain', id: row.id }))?.length} />
            {!Object.hasOwn(live, row.id) && <Badge tone="staged">+ staged</Badge>}
          </span>
        ),
      },
      {
        id: 'prefixes',
        header: 'Prefixes',
        width: 'minmax(104px,1.6fr)',
        value: (row) => row.prefixes.join(' '),
        cell: (row) => (
          <span className="font-mono text-xs text-ink-2">{row.prefixes.join('  ') || 'from the pool'}</span>
        ),
      },
      {
        id: 'members',
        header: 'Members',
        width: '104px',
        align: 'right',
        value: (row) => row.memberCount,
        cell: (row) =>
          row.programmedCount < row.memberCount
            ? `${row.programmedCount}/${row.memberCount}`
            : row.memberCount,
      },
      {
        id: 'clusters',
        header: 'Clusters',
        width: 'minmax(84px,1.6fr)',
        value: (row) => row.clusters.map((cluster) => cluster.name).join(', '),
      },
      { id: 'home', header: 'Home', width: 'minmax(64px,.8fr)', value: (row) => row.home },
      {
        id: 'state',
        header: 'State',
        width: 'minmax(100px,1fr)',
        value: (row) => stateOf(row),
        cell: (row) => {
          const clash = clashesOf(row, topology)[0];
          const text = clash ? 'prefix clash' : stateOf(row);
          return (
            <Badge tone={clash !== undefined || text !== 'ready' ? 'warn' : 'plain'} title={clash}>
              {text}
            </Badge>
          );
        },
      },
    ],
    [hues, live, marks, topology],
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col bg-panel">
        <div className="flex h-13 shrink-0 items-center gap-2 border-b border-line px-4">
          <p className="flex-1 text-sm text-ink-3">
            A flat network across clusters, each with addresses of its own.
          </p>
          <Button
            look="outline"
            data-testid="new-domain-open"
            blocked={blocked}
            onClick={() =>
              useUi.getState().ask({
                kind: 'new-domain',
                members: [],
                suggestion: suggestDomain(topology, Object.keys(topology.clusters) as ClusterName[]),
              })
            }
          >
            <Plus /> New domain
          </Button>
        </div>
        <DataTable
          testId="domains"
          label="Domains"
          rows={rows}
          columns={columns}
          rowId={(row) => keyOf({ type: 'domain', id: row.id })}
          selected={selected}
          onSelect={(key) => void setSelected(key)}
          empty={
            <Empty
              icon={Hexagon}
              title="No domain yet"
              why="A domain gives chosen workloads one flat network, wherever they run. Make one, then drag workloads onto it."
            />
          }
        />
      </div>
      <SidePanel selected={selected} model={model} onSelect={(key) => void setSelected(key ?? null)} />
    </div>
  );
}

function stateOf(domain: DomainView): string {
  const bad = domain.conditions.find((condition) => condition.status === 'False');
  if (bad) return bad.reason;
  if (domain.clusters.some((cluster) => !cluster.agrees)) return 'copies differ';
  return domain.memberCount === 0 ? 'no members' : 'ready';
}
