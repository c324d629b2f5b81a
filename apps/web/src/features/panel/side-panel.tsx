'use client';
import { SearchX } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { cn } from '../../lib/cn.ts';
import { useReview } from '../../lib/url-state.ts';
import { memberOf, refOf } from '../../graph/model/element-key.ts';
import type { GraphModel } from '../../graph/model/graph-model.ts';
import { useProjected } from '../../state/use-connect.ts';
import { ClusterPanel } from './cluster-panel.tsx';
import { DomainPanel } from './domain-panel.tsx';
import { EdgePanel } from './edge-panel.tsx';
import { MemberPanel } from './member-panel.tsx';
import { MeshPanel } from './mesh-panel.tsx';
import { NamespacePanel } from './namespace-panel.tsx';
import { NodePanel } from './node-panel.tsx';
import { WorkloadPanel } from './workload-panel.tsx';

interface SidePanelProps {
  readonly selected: string | null;
  readonly model: GraphModel;
  readonly onSelect: (key: string | undefined) => void;
}

/** Everything known of the selected element. */
export function SidePanel({ selected, model, onSelect }: SidePanelProps) {
  const [review] = useReview();
  if (selected === null) return null;
  return (
    <aside
      aria-label="Details"
      data-testid="side-panel"
      data-key={selected}
      className={cn(
        'flex w-[360px] shrink-0 flex-col overflow-y-auto border-l border-line bg-panel max-xl:w-[320px]',
        // Beside a review there is room for the map alone, unless the window is wide.
        review !== null && '@max-[880px]:hidden',
      )}
      onKeyDown={(event) => event.key === 'Escape' && onSelect(undefined)}
    >
      <Panel selected={selected} model={model} onSelect={onSelect} />
    </aside>
  );
}

function Panel({
  selected,
  model,
  onSelect,
}: {
  selected: string;
  model: GraphModel;
  onSelect: (key: string | undefined) => void;
}) {
  const topology = useProjected();
  const close = () => onSelect(undefined);
  const props = { onSelect, onClose: close };
  const member = memberOf(selected);
  const ref = refOf(selected);
  if (member) {
    const workload = topology.workloads[member.workload];
    if (workload) return <MemberPanel workload={workload} domain={member.domain} {...props} />;
  }
  switch (ref?.type) {
    case 'workload': {
      const workload = topology.workloads[ref.id];
      if (workload) return <WorkloadPanel workload={workload} {...props} />;
      break;
    }
    case 'domain': {
      const domain = topology.domains[ref.id];
      if (domain) return <DomainPanel domain={domain} {...props} />;
      break;
    }
    case 'cluster': {
      const cluster = topology.clusters[ref.id];
      if (cluster) return <ClusterPanel cluster={cluster} {...props} />;
      break;
    }
    case 'node': {
      const node = topology.nodes[ref.id];
      if (node) return <NodePanel node={node} {...props} />;
      break;
    }
    case 'mesh': {
      const mesh = topology.meshes[ref.id];
      if (mesh) return <MeshPanel mesh={mesh} {...props} />;
      break;
    }
    case 'namespace':
      return <NamespacePanel id={ref.id} {...props} />;
    case 'membership':
    case 'partner':
    case 'canvas':
    case undefined:
      break;
  }
  const edge = model.edges.get(selected);
  if (edge) return <EdgePanel edge={edge} {...props} />;
  return (
    <Empty
      icon={SearchX}
      title="It is not there any more"
      why="What was selected has gone, or its cluster is not connected."
      next={<Button onClick={close}>Close</Button>}
    />
  );
}
