'use client';
import type { MeshView } from '@flatland/shared/topology/topology';
import { Workflow } from 'lucide-react';
import Link from 'next/link';
import { Badge } from '../../components/ui/badge.tsx';
import { keyOf, workloadParts } from '../../graph/model/element-key.ts';
import { meshState } from '../../graph/model/build-nodes.ts';
import { DriftNotice } from '../drift/drift-notice.tsx';
import { meshStateText } from '../map/describe-element.ts';
import { Conditions, Facts, LinkRow, PanelHeader, Section } from './panel-parts.tsx';

interface Props {
  readonly mesh: MeshView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A mesh: its domain, its control plane, who is enrolled. */
export function MeshPanel({ mesh, onSelect, onClose }: Props) {
  const state = meshState(mesh);
  return (
    <>
      <PanelHeader
        icon={<Workflow />}
        title={mesh.name}
        where={`Mesh, ${mesh.kind} ${mesh.version}`}
        onClose={onClose}
        badges={<Badge tone={state === 'not-ready' ? 'warn' : 'plain'}>{meshStateText(state)}</Badge>}
      />
      <DriftNotice of={keyOf({ type: 'mesh', id: mesh.id })} />
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
      {state === 'unknown' && (
        <Section title="State">
          <p className="text-sm text-ink-3">
            Nothing has reported whether its control plane and its proxies answer over {mesh.domain}. Ask{' '}
            <Link
              href={`/why?to=${encodeURIComponent(mesh.controlPlane)}`}
              className="font-medium text-ink underline underline-offset-2"
            >
              Why
            </Link>{' '}
            who reaches its control plane.
          </p>
        </Section>
      )}
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
