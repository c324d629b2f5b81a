'use client';
import { FolderTree, Link2 } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { useLive } from '../../live/live-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useUi } from '../../state/ui-store.ts';
import { LinkRow, PanelHeader, Section } from './panel-parts.tsx';

interface Props {
  readonly id: string;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A namespace of one cluster: connected as a whole, workloads to come included. */
export function NamespacePanel({ id, onSelect, onClose }: Props) {
  const [cluster = '', namespace = ''] = id.split('/');
  const all = useLive((state) => state.topology.workloads);
  const blocked = useBlocked();
  const key = keyOf({ type: 'namespace', id });
  const workloads = Object.values(all).filter(
    (workload) => workload.cluster === cluster && workload.namespace === namespace,
  );
  return (
    <>
      <PanelHeader
        icon={<FolderTree />}
        title={namespace}
        where={`${cluster}, namespace`}
        onClose={onClose}
        actions={
          <>
            <Button
              size="sm"
              blocked={blocked}
              onClick={() => useUi.getState().ask({ kind: 'target', source: key })}
            >
              <Link2 /> Connect all…
            </Button>
            <Button size="sm" onClick={() => useUi.getState().toggleFold(key)}>
              Fold or unfold
            </Button>
          </>
        }
      />
      <Section title={`Workloads (${workloads.length})`}>
        {workloads.map((workload) => (
          <LinkRow key={workload.id} onClick={() => onSelect(keyOf({ type: 'workload', id: workload.id }))}>
            {workload.name} <span className="text-xs text-ink-3">{workload.kind}</span>
          </LinkRow>
        ))}
      </Section>
    </>
  );
}
