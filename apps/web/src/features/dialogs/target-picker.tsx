'use client';
import { REASONS } from '@flatland/shared/reason/reasons';
import type { ElementRef } from '@flatland/shared/topology/topology';
import { Box, Network, PlusCircle, Workflow } from 'lucide-react';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { CANVAS } from '../../graph/gesture/gesture-machine.ts';
import { judgeTogether } from '../../graph/gesture/legal-targets.ts';
import { isSystem } from '../../graph/model/filter-workloads.ts';
import { keyOf, labelOf, refOf, type ElementKey } from '../../graph/model/element-key.ts';
import { plural } from '../../lib/format.ts';
import { sourcesOf, useConnect, useProjected } from '../../state/use-connect.ts';
import { CommandGroup, CommandItem, CommandList } from './command-list.tsx';

/** "Connect X to…": the gesture by keyboard. Targets are judged as on the map. */
export function TargetPicker({ source, onClose }: { source: ElementKey; onClose: () => void }) {
  const topology = useProjected();
  const connect = useConnect();
  const hues = useHues();
  const from = refOf(source);
  if (from === undefined) return null;
  const choose = (target: ElementKey) => {
    onClose();
    connect(source, target);
  };
  const sources = sourcesOf(source);
  const what = sources.length > 1 ? plural(sources.length, 'workload') : labelOf(source);
  const refusedBy = (to: ElementRef): string | undefined => {
    const refusal = judgeTogether(sources, [keyOf(to)], topology).get(keyOf(to));
    return refusal && (refusal.detail || REASONS[refusal.code].text);
  };
  const item = (ref: ElementRef, name: string, aside: string, icon: React.ReactNode) => {
    const key = keyOf(ref);
    return (
      <CommandItem
        key={key}
        value={key}
        keywords={[name, aside]}
        testId="target"
        icon={icon}
        aside={aside}
        refused={refusedBy(ref)}
        onSelect={() => choose(key)}
      >
        {name}
      </CommandItem>
    );
  };
  const legalFirst = <T extends { readonly ref: ElementRef; readonly name: string }>(items: readonly T[]) =>
    items.toSorted(
      (a, b) =>
        Number(refusedBy(a.ref) !== undefined) - Number(refusedBy(b.ref) !== undefined) ||
        (a.name < b.name ? -1 : 1),
    );
  const domains = legalFirst(
    Object.values(topology.domains).map((domain) => ({
      ref: { type: 'domain', id: domain.id } as const,
      name: domain.id as string,
      aside: domain.prefixes[0] ?? '',
    })),
  );
  const workloads = legalFirst(
    Object.values(topology.workloads)
      .filter((workload) => workload.id !== from.id && !isSystem(workload.namespace))
      .map((workload) => ({
        ref: { type: 'workload', id: workload.id } as const,
        name: workload.name,
        aside: `${workload.cluster} / ${workload.namespace}`,
      })),
  );
  return (
    <CommandList
      open
      onClose={onClose}
      testId="target-picker"
      label={`Connect ${what} to`}
      placeholder="a domain or a workload"
      before={
        <span className="shrink-0 rounded-md bg-staged-soft px-2 py-0.5 text-xs font-medium text-staged-ink">
          Connect {what} to
        </span>
      }
    >
      {from.type !== 'domain' && (
        <CommandGroup heading="Domains">
          {domains.map((entry) =>
            item(entry.ref, entry.name, entry.aside, <DomainSign hue={hues.get(entry.name)} />),
          )}
          {(from.type === 'workload' || from.type === 'cluster') && sources.length === 1 && (
            <CommandItem
              value="new domain"
              keywords={['new domain', 'create']}
              icon={<PlusCircle />}
              testId="target-new-domain"
              onSelect={() => choose(CANVAS)}
            >
              New domain with {labelOf(source)}…
            </CommandItem>
          )}
        </CommandGroup>
      )}
      {(from.type === 'workload' || from.type === 'domain') && sources.length === 1 && (
        <CommandGroup heading="Workloads">
          {workloads.map((entry) => item(entry.ref, entry.name, entry.aside, <Box />))}
        </CommandGroup>
      )}
      {from.type === 'workload' && Object.keys(topology.meshes).length > 0 && (
        <CommandGroup heading="Meshes">
          {Object.values(topology.meshes).map((mesh) =>
            item({ type: 'mesh', id: mesh.id }, mesh.name, mesh.domain, <Workflow />),
          )}
        </CommandGroup>
      )}
      {from.type === 'domain' && (
        <CommandGroup heading="Clusters">
          {Object.values(topology.clusters).map((cluster) =>
            item({ type: 'cluster', id: cluster.id }, cluster.id, '', <Network />),
          )}
        </CommandGroup>
      )}
    </CommandList>
  );
}
