'use client';
import {
  ArrowLeftRight,
  Columns2,
  Filter,
  FolderTree,
  Hexagon,
  Map as MapIcon,
  Maximize,
  Minus,
  Network,
  Plus,
  Server,
  Share2,
  Sparkles,
  Table2,
  TriangleAlert,
  Workflow,
  X,
} from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { Segmented } from '../../components/ui/segmented.tsx';
import { layoutGraph } from '../../graph/layout/layout-graph.ts';
import { ringLayout } from '../../graph/layout/ring-layout.ts';
import { runFcose } from '../../graph/layout/run-fcose.ts';
import { labelOf } from '../../graph/model/element-key.ts';
import type { Lens } from '../../graph/model/graph-model.ts';
import { cn } from '../../lib/cn.ts';
import {
  useFilterDomains,
  useFilterText,
  useFocusMode,
  useGrouping,
  useLens,
  useOnlyTrouble,
  type View,
} from '../../lib/url-state.ts';
import { currentGraph } from './graph-instance.ts';

/** Lens, filters, and which of map and table is shown. */
export function MapToolbar({ view, onView }: { view: View; onView: (view: View) => void }) {
  const [lens, setLens] = useLens();
  const [trouble, setTrouble] = useOnlyTrouble();
  const [grouped, setGrouped] = useGrouping();
  const [focus, setFocus] = useFocusMode();
  return (
    <div
      className="@container flex h-13 shrink-0 items-center gap-2 overflow-hidden border-b border-line bg-panel px-3"
      data-testid="map-toolbar"
    >
      <Segmented<Lens>
        label="Lens"
        value={lens}
        onChange={(next) => void setLens(next)}
        segments={[
          {
            value: 'members',
            tip: 'Members',
            label: (
              <>
                <Share2 aria-hidden />
                <span className="@max-3xl:hidden">Members</span>
              </>
            ),
          },
          {
            value: 'traffic',
            tip: 'Traffic',
            label: (
              <>
                <ArrowLeftRight aria-hidden />
                <span className="@max-3xl:hidden">Traffic</span>
              </>
            ),
          },
          {
            value: 'infrastructure',
            tip: 'Infrastructure: nodes and tunnels',
            label: (
              <>
                <Server aria-hidden />
                <span className="@max-3xl:hidden">Infrastructure</span>
              </>
            ),
          },
          {
            value: 'mesh',
            tip: 'Mesh',
            label: (
              <>
                <Workflow aria-hidden />
                <span className="@max-3xl:hidden">Mesh</span>
              </>
            ),
          },
        ]}
      />
      <FilterInput />
      <DomainFilter />
      <Toggle
        on={grouped}
        onChange={(next) => void setGrouped(next)}
        tip="Group by namespace"
        testId="group-namespaces"
      >
        <FolderTree />
      </Toggle>
      <Toggle
        on={trouble}
        onChange={(next) => void setTrouble(next)}
        tip="Only what failed or disagrees with packets"
        testId="only-trouble"
      >
        <TriangleAlert />
      </Toggle>
      {focus !== null && (
        <Button size="sm" onClick={() => void setFocus(null)} data-testid="leave-focus">
          Focus: {labelOf(focus)}
          <X />
        </Button>
      )}
      <span className="flex-1" />
      <Segmented<View>
        label="Map and table"
        value={view}
        onChange={onView}
        segments={[
          { value: 'map', label: <MapIcon aria-hidden />, tip: 'Map' },
          { value: 'split', label: <Columns2 aria-hidden />, tip: 'Map and table' },
          { value: 'table', label: <Table2 aria-hidden />, tip: 'Table' },
        ]}
      />
    </div>
  );
}

/** Zoom, fit, and a new layout on request. */
export function MapControls() {
  const [busy, setBusy] = useState(false);
  const arrange = async (how: 'tidy' | 'forces') => {
    const graph = currentGraph();
    if (!graph) return;
    if (how === 'tidy') {
      graph.setPositions(ringLayout(layoutGraph(graph.board.model)), true);
      graph.handlers.onMoved(graph.board.known);
      return;
    }
    setBusy(true);
    try {
      const positions = await runFcose(graph.board.model);
      if (positions) {
        graph.setPositions(positions, true);
        graph.handlers.onMoved(graph.board.known);
      } else toast.error('The layout took too long', { description: 'Filter the map, then try again' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="fl-controls absolute bottom-4 left-4 z-10 flex items-center gap-0.5 rounded-lg border border-line bg-panel p-0.5 shadow-card">
      <Button look="ghost" size="icon-sm" tip="Zoom in (+)" onClick={() => currentGraph()?.camera.zoomBy(1)}>
        <Plus />
      </Button>
      <Button
        look="ghost"
        size="icon-sm"
        tip="Zoom out (−)"
        onClick={() => currentGraph()?.camera.zoomBy(-1)}
      >
        <Minus />
      </Button>
      <Button look="ghost" size="icon-sm" tip="Fit (0)" onClick={() => currentGraph()?.camera.fit()}>
        <Maximize />
      </Button>
      <Menu
        align="start"
        trigger={
          <Button look="ghost" size="icon-sm" aria-label="Arrange" data-testid="arrange">
            <Sparkles className={cn(busy && 'animate-pulse')} />
          </Button>
        }
        choices={[
          { label: 'Arrange: hubs in the middle', icon: <Hexagon />, onSelect: () => void arrange('tidy') },
          {
            label: busy ? 'Arranging…' : 'Arrange: by forces',
            icon: <Network />,
            disabled: busy,
            onSelect: () => void arrange('forces'),
          },
        ]}
      />
    </div>
  );
}

function FilterInput() {
  const [text, setText] = useFilterText();
  return (
    <div className="relative w-44 min-w-24 @max-4xl:w-32">
      <Filter className="pointer-events-none absolute top-2.5 left-2.5 size-3 text-ink-3" aria-hidden />
      <input
        value={text}
        onChange={(event) => void setText(event.target.value || null)}
        onKeyDown={(event) => event.key === 'Escape' && void setText(null)}
        placeholder="Filter"
        aria-label="Filter workloads"
        data-testid="filter"
        className="h-8 w-full rounded-lg border border-line bg-panel pr-7 pl-7 text-sm shadow-card outline-none placeholder:text-ink-3 focus-visible:border-ink"
      />
      {text !== '' && (
        <Button
          look="ghost"
          size="icon-sm"
          aria-label="Clear the filter"
          className="absolute top-1 right-1 size-6"
          onClick={() => void setText(null)}
        >
          <X />
        </Button>
      )}
    </div>
  );
}

function DomainFilter() {
  const [chosen, setChosen] = useFilterDomains();
  const hues = useHues();
  const names = [...hues.keys()].toSorted();
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
    void setChosen(next.length === 0 ? null : next);
  };
  if (names.length === 0) return null;
  if (names.length > 4)
    return (
      <Menu
        align="start"
        trigger={<Button>{chosen.length === 0 ? 'All domains' : chosen.join(', ')}</Button>}
        choices={names.map((name) => ({
          label: chosen.includes(name) ? `${name} ✓` : name,
          icon: <DomainSign hue={hues.get(name)} />,
          onSelect: () => toggle(name),
        }))}
      />
    );
  return (
    <div role="group" aria-label="Domains" className="flex items-center gap-1 @max-2xl:hidden">
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={chosen.includes(name)}
          data-testid={`filter-domain-${name}`}
          onClick={() => toggle(name)}
          className={cn(
            'flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-xs font-medium transition-colors',
            chosen.includes(name)
              ? 'border-ink bg-active text-ink'
              : 'border-line bg-panel text-ink-2 hover:border-line-strong',
          )}
        >
          <DomainSign hue={hues.get(name)} />
          {name}
        </button>
      ))}
    </div>
  );
}

function Toggle({
  on,
  onChange,
  tip,
  testId,
  children,
}: {
  on: boolean;
  onChange: (on: boolean | null) => void;
  tip: string;
  testId: string;
  children: React.ReactNode;
}) {
  return (
    <Button
      look={on ? 'outline' : 'ghost'}
      size="icon"
      tip={tip}
      aria-pressed={on}
      data-testid={testId}
      className={cn(on && 'border-ink bg-active')}
      onClick={() => onChange(on ? null : true)}
    >
      {children}
    </Button>
  );
}
