'use client';
import { Cable, FilterX, Plug } from 'lucide-react';
import Link from 'next/link';
import { useCallback } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { TABLE_FIRST_ABOVE } from '../../graph/model/level-of-detail.ts';
import type { GraphModel } from '../../graph/model/graph-model.ts';
import { useLive } from '../../live/live-store.ts';
import { useLens, useSelection, useView } from '../../lib/url-state.ts';
import { SidePanel } from '../panel/side-panel.tsx';
import { GroupBar } from './group-bar.tsx';
import { HiddenNotice, useClearFilters } from './hidden-notice.tsx';
import { Legend } from './legend.tsx';
import { MapCanvas } from './map-canvas.tsx';
import { MapControls, MapToolbar } from './map-toolbar.tsx';
import { MapTable } from './map-table.tsx';
import { useGraphModel, useGraphOptions } from './use-graph-model.ts';
import { useReviewCamera } from './use-review-camera.ts';
import { cn } from '../../lib/cn.ts';

/** The map, with its table and the panel of what is selected. */
export function MapPage() {
  const options = useGraphOptions();
  const model = useGraphModel(options);
  const [lens] = useLens();
  const [selected, setSelected] = useSelection();
  const [chosenView, setView] = useView();
  const known = useLive((live) => live.known);
  const nClusters = useLive((live) => Object.keys(live.topology.clusters).length);
  const view = chosenView ?? (model.nodes.size > TABLE_FIRST_ABOVE ? 'table' : 'map');
  useReviewCamera();
  const onSelect = useCallback((key: string | undefined) => void setSelected(key ?? null), [setSelected]);
  if (!known) return <MapLoading />;
  if (nClusters === 0) return <NoClusters />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <MapToolbar view={view} onView={(next) => void setView(next)} />
      <div className="@container relative flex min-h-0 flex-1">
        {view !== 'map' && (
          <MapTable
            model={model}
            selected={selected}
            onSelect={onSelect}
            narrow={view === 'split'}
            notice={chosenView === null && model.nodes.size > TABLE_FIRST_ABOVE}
            className={cn(
              view === 'split' ? 'w-[400px] shrink-0 border-r border-line max-lg:w-[320px]' : 'flex-1',
            )}
          />
        )}
        {view !== 'table' && (
          <MapCanvas model={model} lens={lens} selected={selected} onSelect={onSelect}>
            {lens !== 'infrastructure' && <HiddenNotice hidden={model.hidden} />}
            <GroupBar />
            <Legend lens={lens} />
            <MapControls />
            <FilteredAway model={model} />
          </MapCanvas>
        )}
        <SidePanel selected={selected} model={model} onSelect={onSelect} />
      </div>
    </div>
  );
}

function MapLoading() {
  return (
    <div className="flex flex-1 flex-col" data-testid="map-loading" aria-busy>
      <div className="flex h-13 items-center gap-2 border-b border-line bg-panel px-3">
        <Skeleton className="h-8 w-80" />
        <Skeleton className="h-8 w-44" />
      </div>
      <div className="grid flex-1 grid-cols-2 gap-10 p-16">
        <Skeleton className="h-64" />
        <Skeleton className="h-64" />
        <Skeleton className="col-span-2 h-40" />
      </div>
    </div>
  );
}

function NoClusters() {
  return (
    <Empty
      testId="no-clusters"
      icon={Plug}
      className="my-auto"
      title="No cluster is connected"
      why="Flatland shows what runs where once it can read a cluster’s API. Start the sample lab, or bring a kubeconfig."
      next={
        <Link href="/connect">
          <Button look="solid" tabIndex={-1}>
            <Cable /> Connect a cluster
          </Button>
        </Link>
      }
    />
  );
}

function FilteredAway({ model }: { model: GraphModel }) {
  const clear = useClearFilters();
  const nothing = ![...model.nodes.values()].some((node) => node.type === 'workload' || node.type === 'node');
  if (!nothing || model.hidden.filtered === 0) return null;
  return (
    <>
      <div className="pointer-events-none absolute inset-0 z-5 bg-ground/70" />
      <div className="pointer-events-none absolute inset-0 z-10 flex items-center justify-center">
        <Empty
          testId="filtered-away"
          icon={FilterX}
          className="pointer-events-auto rounded-xl border border-line bg-panel py-8 shadow-float"
          title="Everything is filtered away"
          why={`${model.hidden.filtered} workloads are there, and none matches what is asked for.`}
          next={<Button onClick={clear}>Clear the filters</Button>}
        />
      </div>
    </>
  );
}
