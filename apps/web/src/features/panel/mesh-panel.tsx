'use client';
import type { MeshView } from '@flatland/shared/topology/topology';
import { Workflow } from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import { keyOf, workloadParts } from '../../graph/model/element-key.ts';
import { Conditions, Facts, LinkRow, PanelHeader, Section } from './panel-parts.tsx';

interface Props {
  readonly mesh: MeshView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A mesh: its domain, its control plane, who is enrolled. */
export function MeshPanel({ mesh, onSelect, onClose }: Props) {
  const ready = mesh.conditions.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return (
    <>
      <PanelHeader
        icon={<Workflow />}
        title={mesh.name}
        where={`Mesh, ${mesh.kind} ${mesh.version}`}
        onClose={onClose}
        badges={<Badge tone={ready ? 'plain' : 'warn'}>{ready ? 'ready' : 'not ready'}</Badge>}
      />
      <Section title="Mesh">
        <Facts
          facts={[
            ['Domain', mesh.domain],
            ['Intercepts', mesh.intercepts ? 'yes, its own domain’s prefix' : 'no'],
          ]}
        />
        <div className="mt-2">
          <LinkRow onClick={() => onSelect(keyOf({ type: 'workload', id: mesh.controlPlane }))}>
            Control plane: {workloadParts(mesh.controlPlane).name}
          </LinkRow>
        </div>
      </Section>
      <Section title={`Enrolled (${mesh.enrolled.length})`}>
        {mesh.enrolled.map((id) => (
          <LinkRow key={id} onClick={() => onSelect(keyOf({ type: 'workload', id }))}>
            {workloadParts(id).name}
          </LinkRow>
        ))}
      </Section>
      {mesh.conditions.length > 0 && (
        <Section title="Conditions">
          <Conditions conditions={mesh.conditions} />
        </Section>
      )}
    </>
  );
}
