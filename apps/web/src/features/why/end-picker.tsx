'use client';
import { Combobox } from '@base-ui/react/combobox';
import type { Topology, WorkloadView } from '@flatland/shared/topology/topology';
import { ChevronsUpDown } from 'lucide-react';
import { useId, useMemo } from 'react';
import { inputClass } from '../../components/ui/field.tsx';
import { cn } from '../../lib/cn.ts';

/** One end of the question: a workload, found by typing. */
export function EndPicker({
  label,
  value,
  onChange,
  topology,
  testId,
}: {
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
  topology: Topology;
  testId: string;
}) {
  const id = useId();
  const workloads = useMemo(
    () => Object.values(topology.workloads).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    [topology.workloads],
  );
  const chosen = value === null ? null : (topology.workloads[value] ?? null);
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <Combobox.Root<WorkloadView>
        items={workloads}
        value={chosen}
        onValueChange={(next) => onChange(next?.id ?? null)}
        itemToStringLabel={labelOfWorkload}
        isItemEqualToValue={(a, b) => a.id === b.id}
      >
        <div className="relative">
          <Combobox.Input
            id={id}
            placeholder="A workload"
            data-testid={testId}
            className={cn(inputClass, 'pr-8')}
          />
          <Combobox.Trigger
            aria-label={`Show workloads: ${label}`}
            className="absolute top-0 right-0 flex size-8 items-center justify-center text-ink-3"
          >
            <ChevronsUpDown className="size-3.5" />
          </Combobox.Trigger>
        </div>
        <Combobox.Portal>
          <Combobox.Positioner sideOffset={4} className="z-60 outline-none">
            <Combobox.Popup className="max-h-72 w-(--anchor-width) overflow-y-auto rounded-lg border border-line bg-panel p-1 shadow-float">
              <Combobox.Empty className="px-3 py-2 text-sm text-ink-3 empty:hidden">
                No workload is called so.
              </Combobox.Empty>
              <Combobox.List>
                {(workload: WorkloadView) => (
                  <Combobox.Item
                    key={workload.id}
                    value={workload}
                    className="flex h-8 items-center gap-2 rounded-md px-2 text-sm select-none data-highlighted:bg-hover"
                  >
                    <span className="truncate font-medium">{workload.name}</span>
                    <span className="truncate text-xs text-ink-3">
                      {workload.cluster} / {workload.namespace}
                    </span>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
    </div>
  );
}

function labelOfWorkload(workload: WorkloadView): string {
  return `${workload.cluster}/${workload.namespace}/${workload.name}`;
}
