'use client';
import { suggestDomain } from '@flatland/shared/intent/suggest-domain';
import type { ClusterName } from '@flatland/shared/model/names';
import { Box, Hexagon, Link2, Moon, Network, PlusCircle, Redo2, Server, Undo2, Workflow } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { NAV } from '../../components/shell/nav.ts';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { keyOf, type ElementKey } from '../../graph/model/element-key.ts';
import { isSystem } from '../../graph/model/filter-workloads.ts';
import { useLive } from '../../live/live-store.ts';
import { useSelection } from '../../lib/url-state.ts';
import { useStaging } from '../../staging/staging-store.ts';
import { useProjected } from '../../state/use-connect.ts';
import { useUi } from '../../state/ui-store.ts';
import { CommandGroup, CommandItem, CommandList } from './command-list.tsx';

/** Search and every action, by typing. "Connect" asks for the source, then for the target. */
export function CommandPalette() {
  const open = useUi((ui) => ui.paletteOpen);
  if (!open) return null;
  return <Palette onClose={() => useUi.getState().openPalette(false)} />;
}

function Palette({ onClose }: { onClose: () => void }) {
  const [connecting, setConnecting] = useState(false);
  const [search, setSearch] = useState('');
  const topology = useLive((live) => live.topology);
  const projected = useProjected();
  const [selected] = useSelection();
  const router = useRouter();
  const { setTheme, resolvedTheme } = useTheme();
  const hues = useHues();
  const workloads = useMemo(
    () =>
      Object.values(topology.workloads).toSorted(
        (a, b) => Number(isSystem(a.namespace)) - Number(isSystem(b.namespace)),
      ),
    [topology],
  );
  const run = (action: () => void) => () => {
    onClose();
    action();
  };
  const open = (key: ElementKey) =>
    connecting
      ? run(() => useUi.getState().ask({ kind: 'target', source: key }))
      : run(() => router.push(`/?sel=${encodeURIComponent(key)}`));
  return (
    <CommandList
      open
      onClose={onClose}
      testId="palette"
      label="Search or connect"
      placeholder={connecting ? 'Connect what?' : 'Search, or type what to do'}
      search={search}
      onSearch={setSearch}
      before={
        connecting && (
          <span className="shrink-0 rounded-md bg-staged-soft px-2 py-0.5 text-xs font-medium text-staged-ink">
            Connect
          </span>
        )
      }
    >
      {!connecting && (
        <CommandGroup heading="Actions">
          <CommandItem
            value="action connect"
            keywords={['Connect…', 'join', 'link']}
            icon={<Link2 />}
            testId="palette-connect"
            onSelect={() => {
              if (selected !== null && !selected.startsWith('membership:'))
                run(() => useUi.getState().ask({ kind: 'target', source: selected }))();
              else {
                setConnecting(true);
                setSearch('');
              }
            }}
          >
            Connect…
          </CommandItem>
          <CommandItem
            value="action new domain"
            keywords={['New domain…', 'create']}
            icon={<PlusCircle />}
            testId="palette-new-domain"
            onSelect={run(() =>
              useUi.getState().ask({
                kind: 'new-domain',
                members: [],
                suggestion: suggestDomain(projected, Object.keys(topology.clusters) as ClusterName[]),
              }),
            )}
          >
            New domain…
          </CommandItem>
          <CommandItem
            value="action undo"
            keywords={['Undo']}
            icon={<Undo2 />}
            onSelect={run(() => useStaging.getState().undo())}
          >
            Undo the last staged edit
          </CommandItem>
          <CommandItem
            value="action redo"
            keywords={['Redo']}
            icon={<Redo2 />}
            onSelect={run(() => useStaging.getState().redo())}
          >
            Redo
          </CommandItem>
          <CommandItem
            value="action theme"
            keywords={['Theme', 'dark', 'light']}
            icon={<Moon />}
            onSelect={run(() => setTheme(resolvedTheme === 'dark' ? 'light' : 'dark'))}
          >
            Switch between dark and light
          </CommandItem>
        </CommandGroup>
      )}
      <CommandGroup heading="Domains">
        {Object.values(connecting ? projected.domains : topology.domains).map((domain) => (
          <CommandItem
            key={domain.id}
            value={keyOf({ type: 'domain', id: domain.id })}
            keywords={[domain.id, ...domain.prefixes]}
            icon={hues.has(domain.id) ? <DomainSign hue={hues.get(domain.id)} /> : <Hexagon />}
            aside={domain.prefixes[0]}
            onSelect={open(keyOf({ type: 'domain', id: domain.id }))}
          >
            {domain.id}
          </CommandItem>
        ))}
      </CommandGroup>
      <CommandGroup heading="Workloads">
        {workloads.map((workload) => (
          <CommandItem
            key={workload.id}
            value={keyOf({ type: 'workload', id: workload.id })}
            keywords={[
              workload.name,
              ...workload.instances.flatMap((instance) => [
                instance.name,
                ...instance.members.flatMap((member) => member.addresses),
              ]),
            ]}
            icon={<Box />}
            aside={`${workload.cluster} / ${workload.namespace}`}
            onSelect={open(keyOf({ type: 'workload', id: workload.id }))}
          >
            {workload.name}
          </CommandItem>
        ))}
      </CommandGroup>
      <CommandGroup heading="Clusters, nodes and meshes">
        {Object.values(topology.clusters).map((cluster) => (
          <CommandItem
            key={cluster.id}
            value={keyOf({ type: 'cluster', id: cluster.id })}
            keywords={[cluster.id]}
            icon={<Network />}
            onSelect={open(keyOf({ type: 'cluster', id: cluster.id }))}
          >
            {cluster.id}
          </CommandItem>
        ))}
        {!connecting &&
          Object.values(topology.nodes).map((node) => (
            <CommandItem
              key={node.id}
              value={keyOf({ type: 'node', id: node.id })}
              keywords={[node.name]}
              icon={<Server />}
              aside={node.cluster}
              onSelect={run(() =>
                router.push(
                  `/?lens=infrastructure&sel=${encodeURIComponent(keyOf({ type: 'node', id: node.id }))}`,
                ),
              )}
            >
              {node.name}
            </CommandItem>
          ))}
        {Object.values(topology.meshes).map((mesh) => (
          <CommandItem
            key={mesh.id}
            value={keyOf({ type: 'mesh', id: mesh.id })}
            keywords={[mesh.name, mesh.kind]}
            icon={<Workflow />}
            aside={mesh.domain}
            onSelect={open(keyOf({ type: 'mesh', id: mesh.id }))}
          >
            {mesh.name}
          </CommandItem>
        ))}
      </CommandGroup>
      {!connecting && (
        <CommandGroup heading="Go to">
          {NAV.map(({ href, label, icon: Icon }) => (
            <CommandItem
              key={href}
              value={`go ${label}`}
              keywords={[label]}
              icon={<Icon />}
              onSelect={run(() => router.push(href))}
            >
              {label}
            </CommandItem>
          ))}
        </CommandGroup>
      )}
    </CommandList>
  );
}
