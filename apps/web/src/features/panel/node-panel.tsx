'use client';
import type { NodeView } from '@flatland/shared/topology/topology';
import { Server } from 'lucide-react';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { useLive } from '../../live/live-store.ts';
import { ageText } from '../../lib/format.ts';
import { keyOf } from '../../graph/model/element-key.ts';
import { useNow } from '../../state/use-now.ts';
import { Facts, LinkRow, Mono, PanelHeader, Section } from './panel-parts.tsx';
import { carrierText, dropsText, tunnelSummary } from './tunnel-facts.ts';

interface Props {
  readonly node: NodeView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A node: its addresses, and its side of each domain's tunnels. */
export function NodePanel({ node, onSelect, onClose }: Props) {
  const report = useLive((state) => state.reports[node.id]);
  const now = useNow();
  return (
    <>
      <PanelHeader
        icon={<Server />}
        title={node.name}
        where={`${node.cluster}, node`}
        onClose={onClose}
        badges={
          <>
            <Badge tone={node.ready ? 'plain' : 'fail'}>{node.ready ? 'ready' : 'not ready'}</Badge>
            {!node.schedulable && <Badge tone="warn">cordoned</Badge>}
            <Badge tone={node.hasAgent ? 'plain' : 'warn'}>{node.hasAgent ? 'agent' : 'no agent'}</Badge>
            {node.peers.some((peer) => peer.behindNat) && <Badge>behind NAT</Badge>}
          </>
        }
      />
      <Section title="Node">
        <Facts
          facts={[
            ['Cluster', node.cluster],
            [
              'Addresses',
              node.addresses.map((address) => (
                <p key={address}>
                  <Mono>{address}</Mono>
                </p>
              )),
            ],
            ['Datapath', report && (report.datapath === 'kernel' ? 'kernel' : 'in memory, simulated')],
            ['Last report', report && ageText(now - report.atMs)],
          ]}
        />
      </Section>
      {node.peers.map((peer) => {
        const domain = report?.domains.find((entry) => entry.domain === peer.domain);
        return (
          <Section key={peer.domain} title={<DomainChip name={peer.domain} />}>
            <Facts
              facts={[
                ['Blocks', <Mono key="blocks">{peer.blocks.join(' ')}</Mono>],
                ['Key', <Mono key="key">{peer.publicKey}</Mono>],
                ['WireGuard', domain?.carrier && carrierText(domain.carrier)],
                ['Drops', dropsText(domain?.drops)],
              ]}
            />
            {(domain?.peers ?? []).map((tunnel) => (
              <LinkRow
                key={tunnel.publicKey}
                onClick={() => onSelect(keyOf({ type: 'node', id: `${tunnel.cluster}/${tunnel.node}` }))}
              >
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-xs">
                    to {tunnel.cluster}/{tunnel.node}
                  </span>
                  <span className="block text-2xs text-ink-3">{tunnelSummary(tunnel, now).join(' · ')}</span>
                </span>
              </LinkRow>
            ))}
          </Section>
        );
      })}
    </>
  );
}
