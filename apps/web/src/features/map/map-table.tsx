'use client';
import { useMemo } from 'react';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { DriftSign } from '../../components/drift/drift-sign.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import type { GraphModel, GraphNode } from '../../graph/model/graph-model.ts';
import { cn } from '../../lib/cn.ts';
import { plural } from '../../lib/format.ts';
import { refOf } from '../../graph/model/element-key.ts';
import { meshStateText } from './describe-element.ts';

interface MapTableProps {
  readonly model: GraphModel;
  readonly selected: string | null;
  readonly onSelect: (key: string) => void;
  /** True where the table is shown because there is too much for a map. */
  readonly notice: boolean;
  /** True where the map stands beside it: the type is said below the name. */
  readonly narrow: boolean;
  readonly className?: string;
}

/** The same elements as the map, in the same selection, as rows. */
export function MapTable({ model, selected, onSelect, notice, narrow, className }: MapTableProps) {
  const rows = useMemo(() => [...model.nodes.values()], [model]);
  return (
    <section
      aria-label="Table of the map"
      className={cn('flex min-h-0 min-w-0 flex-col bg-panel', className)}
    >
      {notice && (
        <Notice tone="info" title={`${rows.length} elements: the table comes first`} className="m-3 mb-0">
          The map is one click away, at the top right. Filter it first to see names.
        </Notice>
      )}
      <DataTable
        testId="map-table"
        label="Elements of the map"
        rows={rows}
        columns={narrow ? NARROW : COLUMNS}
        rowId={(node) => node.key}
        selected={selected}
        onSelect={onSelect}
      />
    </section>
  );
}

const ORDER: Record<GraphNode['type'], string> = {
  domain: 'Domain',
  cluster: 'Cluster',
  namespace: 'Namespace',
  workload: 'Workload',
  node: 'Node',
  mesh: 'Mesh',
};

const COLUMNS: readonly Column<GraphNode>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(110px,1.5fr)',
    value: (node) => node.label,
    cell: (node) => (
      <span className="flex min-w-0 flex-col leading-tight">
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate font-medium">{node.label}</span>
          <DriftSign objects={node.drifted} />
        </span>
        <span className="truncate text-2xs text-ink-3">{whereOf(node)}</span>
      </span>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    width: '84px',
    value: (node) => (node.type === 'workload' ? node.kind : ORDER[node.type]),
  },
  {
    id: 'domains',
    header: 'Domains',
    width: 'minmax(90px,1.2fr)',
    value: (node) => domainsOf(node).join(' '),
    cell: (node) => (
      <span className="flex min-w-0 gap-1 overflow-hidden">
        {domainsOf(node).map((name) => (
          <DomainChip key={name} name={name} />
        ))}
      </span>
    ),
  },
  { id: 'state', header: 'State', width: '86px', value: stateOf, cell: (node) => <State node={node} /> },
];

const NARROW: readonly Column<GraphNode>[] = COLUMNS.filter((column) => column.id !== 'type').map((column) =>
  column.id === 'domains' ? { ...column, width: 'minmax(136px,1.2fr)' } : column,
);

function whereOf(node: GraphNode): string {
  const id = refOf(node.key)?.id ?? '';
  switch (node.type) {
    case 'workload':
      return `${id.split('/')[0]} / ${node.namespace}`;
    case 'domain':
      return node.prefix;
    case 'cluster':
      return node.podRange;
    case 'namespace':
    case 'node':
    case 'mesh':
      return id.split('/')[0] ?? '';
  }
}

function domainsOf(node: GraphNode): readonly string[] {
  switch (node.type) {
    case 'workload':
    case 'node':
    case 'namespace':
      return node.domains.map((mark) => mark.name);
    case 'domain':
      return [node.label];
    case 'mesh':
      return [node.domain];
    case 'cluster':
      return [];
  }
}

function stateOf(node: GraphNode): string {
  switch (node.type) {
    case 'workload':
      return `${node.ready}/${node.desired}`;
    case 'domain':
      return node.staged ? `staged ${node.staged}` : plural(node.memberCount, 'member');
    case 'cluster':
      return node.reachable ? plural(node.nWorkloads, 'workload') : 'unreachable';
    case 'namespace':
      return plural(node.nWorkloads, 'workload');
    case 'node':
      return node.ready ? 'ready' : 'not ready';
    case 'mesh':
      return meshStateText(node.state);
  }
}

function State({ node }: { node: GraphNode }) {
  const text = stateOf(node);
  if (node.type === 'workload' && node.health !== 'ready')
    return (
      <Badge tone={node.health === 'failing' ? 'fail' : node.health === 'degraded' ? 'warn' : 'plain'}>
        {text} {node.health}
      </Badge>
    );
  if (node.type === 'cluster' && !node.reachable) return <Badge tone="warn">{text}</Badge>;
  if (node.type === 'domain' && node.staged) return <Badge tone="staged">{text}</Badge>;
  return <span className="tabular text-xs text-ink-2">{text}</span>;
}
