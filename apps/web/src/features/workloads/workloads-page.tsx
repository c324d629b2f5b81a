'use client';
import type { WorkloadView } from '@flatland/shared/topology/topology';
import { Boxes, FilterX } from 'lucide-react';
import { useMemo } from 'react';
import { DataTable, type Column } from '../../components/data-table/data-table.tsx';
import { DriftSign } from '../../components/drift/drift-sign.tsx';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import type { DriftMarks } from '../../graph/model/drift-marks.ts';
import { keyOf } from '../../graph/model/element-key.ts';
import { filterWorkloads, inTrouble } from '../../graph/model/filter-workloads.ts';
import { groupProbes, type ProbesOf } from '../../graph/model/member-state.ts';
import { useLive } from '../../live/live-store.ts';
import { plural } from '../../lib/format.ts';
import { useFilterText, useOnlyTrouble, useSelection, useShowSystem } from '../../lib/url-state.ts';
import { stagedChanges } from '../../staging/staged-changes.ts';
import { useStagedIntents } from '../../staging/staging-store.ts';
import { useProjected } from '../../state/use-connect.ts';
import { useDriftMarks } from '../drift/use-drift-marks.ts';
import { useGraphModel, useGraphOptions } from '../map/use-graph-model.ts';
import { useClearFilters } from '../map/hidden-notice.tsx';
import { SidePanel } from '../panel/side-panel.tsx';
import { Segmented } from '../../components/ui/segmented.tsx';
import { inputClass } from '../../components/ui/field.tsx';
import { cn } from '../../lib/cn.ts';

/** All workloads, in the selection and the filters of the map. */
export function WorkloadsPage() {
  const topology = useProjected();
  const intents = useStagedIntents();
  const probes = useLive((state) => state.probes);
  const options = useGraphOptions();
  const model = useGraphModel(options);
  const [selected, setSelected] = useSelection();
  const [text, setText] = useFilterText();
  const [trouble, setTrouble] = useOnlyTrouble();
  const [system, setSystem] = useShowSystem();
  const clear = useClearFilters();
  const marks = useDriftMarks();
  const grouped = useMemo(() => groupProbes(Object.values(probes)), [probes]);
  const { shown, hidden } = useMemo(
    () => filterWorkloads(topology, stagedChanges(intents, topology), grouped, options.filter),
    [topology, intents, grouped, options.filter],
  );
  const columns = useMemo(() => columnsOf(grouped, marks), [grouped, marks]);
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col bg-panel">
        <div className="flex h-13 shrink-0 items-center gap-3 border-b border-line px-4">
          <input
            value={text}
            onChange={(event) => void setText(event.target.value || null)}
            placeholder="Filter by name, namespace, cluster, domain"
            aria-label="Filter workloads"
            data-testid="filter"
            className={cn(inputClass, 'w-80 min-w-40')}
          />
          <Segmented
            label="Which workloads"
            value={trouble ? 'trouble' : 'all'}
            onChange={(next) => void setTrouble(next === 'trouble' ? true : null)}
            segments={[
              { value: 'all', label: 'All' },
              { value: 'trouble', label: 'In trouble' },
            ]}
          />
          <span className="flex-1" />
          <p className="text-xs whitespace-nowrap text-ink-3" data-testid="workload-count">
            {plural(shown.length, 'workload')}
            {hidden.filtered > 0 && `, ${hidden.filtered} hidden`}
          </p>
          {(hidden.system > 0 || system) && (
            <Button size="sm" look="ghost" onClick={() => void setSystem(system ? null : true)}>
              {system ? 'Hide system' : `Show ${hidden.system} of the system`}
            </Button>
          )}
        </div>
        <DataTable
          testId="workloads"
          label="Workloads"
          rows={shown}
          columns={columns}
          rowId={(row) => keyOf({ type: 'workload', id: row.id })}
          selected={selected}
          onSelect={(key) => void setSelected(key)}
          empty={
            hidden.filtered > 0 ? (
              <Empty
                icon={FilterX}
                title="Everything is filtered away"
                why={`${plural(hidden.filtered, 'workload')} are there, and none matches.`}
                next={<Button onClick={clear}>Clear the filters</Button>}
              />
            ) : (
              <Empty
                icon={Boxes}
                title="No workload"
                why="No connected cluster runs a Deployment, StatefulSet, DaemonSet or bare Pod."
              />
            )
          }
        />
      </div>
      <SidePanel selected={selected} model={model} onSelect={(key) => void setSelected(key ?? null)} />
    </div>
  );
}

function columnsOf(probes: ProbesOf, marks: DriftMarks): Column<WorkloadView>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      width: 'minmax(100px,1.5fr)',
      value: (row) => row.name,
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate font-medium">{row.name}</span>
          <DriftSign objects={marks.get(keyOf({ type: 'workload', id: row.id }))?.length} />
        </span>
      ),
    },
    { id: 'cluster', header: 'Cluster', width: 'minmax(72px,1fr)', value: (row) => row.cluster },
    { id: 'namespace', header: 'Namespace', width: 'minmax(64px,1fr)', value: (row) => row.namespace },
    { id: 'kind', header: 'Kind', width: '92px', value: (row) => row.kind },
    {
      id: 'domains',
      header: 'Domains',
      width: 'minmax(84px,1.4fr)',
      value: (row) => row.domains.map((entry) => entry.domain).join(' '),
      cell: (row) => (
        <span className="flex gap-1 overflow-hidden">
          {row.domains.map((entry) => (
            <DomainChip key={entry.domain} name={entry.domain} />
          ))}
          {row.domains.length === 0 && <span className="text-ink-3">none</span>}
        </span>
      ),
    },
    {
      id: 'addresses',
      header: 'Address',
      width: 'minmax(92px,1fr)',
      value: (row) => addressesOf(row)[0] ?? '',
      cell: (row) => (
        <span className="font-mono text-xs text-ink-2" title={addressesOf(row).join('\n')}>
          {addressesOf(row)[0]}
          {addressesOf(row).length > 1 && <span className="text-ink-3"> +{addressesOf(row).length - 1}</span>}
        </span>
      ),
    },
    {
      id: 'ready',
      header: 'Ready',
      width: '92px',
      value: (row) => row.replicas.ready / Math.max(1, row.replicas.desired),
      cell: (row) => {
        const { ready, desired } = row.replicas;
        const trouble = inTrouble(row, probes);
        return (
          <span className="flex items-center gap-1.5">
            <span className="tabular">
              {ready}/{desired}
            </span>
            {ready < desired && (
              <Badge tone={ready === 0 ? 'fail' : 'warn'}>{ready === 0 ? 'failing' : 'degraded'}</Badge>
            )}
            {trouble && <Badge tone="fail">trouble</Badge>}
          </span>
        );
      },
    },
  ];
}

/** One address for each member: the first, which is the IPv4 one where there are both. */
function addressesOf(workload: WorkloadView): string[] {
  return workload.instances.flatMap((instance) =>
    instance.members.flatMap((member) => member.addresses.slice(0, 1)),
  );
}
