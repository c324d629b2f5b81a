'use client';
import { REASONS } from '@flatland/shared/reason/reasons';
import { Cable } from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import { labelOf, refOf } from '../../graph/model/element-key.ts';
import type { GraphEdge } from '../../graph/model/graph-model.ts';
import { bytesText } from '../../lib/format.ts';
import { Facts, LinkRow, PanelHeader, Section } from './panel-parts.tsx';
import { TunnelSide } from './tunnel-side.tsx';

interface Props {
  readonly edge: GraphEdge;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A tunnel, traffic, or many memberships as one. */
export function EdgePanel({ edge, onSelect, onClose }: Props) {
  return (
    <>
      <PanelHeader
        icon={<Cable />}
        title={`${labelOf(edge.source)} and ${labelOf(edge.target)}`}
        where={NAMES[edge.type]}
        onClose={onClose}
        badges={
          edge.type === 'tunnel' && <Badge tone={edge.up ? 'plain' : 'fail'}>{edge.up ? 'up' : 'down'}</Badge>
        }
      />
      <Section title="State">
        <Facts facts={factsOf(edge)} />
      </Section>
      {edge.type === 'tunnel' &&
        [
          [edge.source, edge.target],
          [edge.target, edge.source],
        ].map(([from = '', to = '']) => (
          <TunnelSide
            key={from}
            domain={edge.mark.name}
            from={nodeId(from)}
            to={nodeId(to)}
            onSelect={onSelect}
          />
        ))}
      <Section title="Ends">
        <LinkRow onClick={() => onSelect(edge.source)}>{labelOf(edge.source)}</LinkRow>
        <LinkRow onClick={() => onSelect(edge.target)}>{labelOf(edge.target)}</LinkRow>
      </Section>
    </>
  );
}

const NAMES: Record<GraphEdge['type'], string> = {
  member: 'Membership',
  counted: 'Memberships',
  span: 'Staged span',
  traffic: 'Traffic',
  tunnel: 'WireGuard tunnel',
  enrol: 'Staged enrolment',
};

function factsOf(edge: GraphEdge): [string, string | undefined][] {
  switch (edge.type) {
    case 'tunnel':
      return [['Domain', edge.mark.name]];
    case 'traffic':
      return [
        ['Domain', edge.mark.name],
        ['Rate', `${bytesText(edge.bytesPerSecond)}/s`],
        ['State', edge.code ? REASONS[edge.code].title : edge.state],
      ];
    case 'counted':
      return [
        ['Domain', edge.mark.name],
        ['Memberships', String(edge.count)],
      ];
    case 'member':
    case 'span':
      return [['Domain', edge.mark.name]];
    case 'enrol':
      return [];
  }
}

/** `cluster/node` of a node's key. */
function nodeId(key: string): string {
  const ref = refOf(key);
  return ref?.type === 'node' ? ref.id : '';
}
