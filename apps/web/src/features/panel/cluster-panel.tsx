'use client';
import type { ClusterView } from '@flatland/shared/topology/topology';
import { Hexagon, Link2, Lock, Network } from 'lucide-react';
import { suggestDomain } from '@flatland/shared/intent/suggest-domain';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { useLive } from '../../live/live-store.ts';
import { ageText, plural } from '../../lib/format.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useNow } from '../../state/use-now.ts';
import { useProjected } from '../../state/use-connect.ts';
import { useUi } from '../../state/ui-store.ts';
import { DriftNotice } from '../drift/drift-notice.tsx';
import { Links } from './links.tsx';
import { Facts, LinkRow, Mono, PanelHeader, Section } from './panel-parts.tsx';

interface Props {
  readonly cluster: ClusterView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A cluster: its ranges, its nodes, how current its state is. */
export function ClusterPanel({ cluster, onSelect, onClose }: Props) {
  const topology = useProjected();
  const now = useNow();
  const blocked = useBlocked();
  const live = useLive((state) => state.topology);
  const nodes = Object.values(live.nodes).filter((node) => node.cluster === cluster.id);
  const workloads = Object.values(live.workloads).filter((workload) => workload.cluster === cluster.id);
  const domains = Object.values(topology.domains).filter((domain) =>
    domain.clusters.some((entry) => entry.name === cluster.id),
  );
  const sharing = Object.values(live.clusters).filter(
    (other) =>
      other.id !== cluster.id && other.ranges.pods.some((pods) => cluster.ranges.pods.includes(pods)),
  );
  const broken = Object.values(live.broken).filter((entry) => entry.object.cluster === cluster.id);
  const key = keyOf({ type: 'cluster', id: cluster.id });
  const agents = nodes.filter((node) => node.hasAgent).length;
  return (
    <>
      <PanelHeader
        icon={<Network />}
        title={cluster.id}
        where={`Cluster, Kubernetes ${cluster.version || 'of unknown version'}`}
        onClose={onClose}
        badges={
          <>
            {!cluster.reachable && <Badge tone="warn">last seen {ageText(now - cluster.lastSeenMs)}</Badge>}
            {cluster.readOnly && (
              <Badge>
                <Lock aria-hidden /> read-only
              </Badge>
            )}
            <Badge>{plural(nodes.length, 'node')}</Badge>
            <Badge>{plural(workloads.length, 'workload')}</Badge>
          </>
        }
        actions={
          <>
            <Button
              size="sm"
              blocked={blocked}
              onClick={() => useUi.getState().ask({ kind: 'target', source: key })}
            >
              <Link2 /> Connect…
            </Button>
            <Button
              size="sm"
              blocked={blocked}
              onClick={() =>
                useUi
                  .getState()
                  .ask({ kind: 'new-domain', members: [], suggestion: suggestDomain(topology, [cluster.id]) })
              }
            >
              <Hexagon /> New domain
            </Button>
          </>
        }
      />
      <DriftNotice of={key} />
      {!cluster.reachable && (
        <Section title="State">
          <Notice tone="warn" title="The cluster’s API does not answer">
            What is shown is its state of {ageText(now - cluster.lastSeenMs)}. Its members keep talking. Check
            its API server and the connection to it.
          </Notice>
        </Section>
      )}
      {nodes.length > 0 && agents === 0 && (
        <Section title="State">
          <Notice tone="warn" title="No agent runs here">
            Nothing programs members of this cluster. Install Flatland on it:{' '}
            <code className="font-mono">npx flatland export</code> prints the objects.
          </Notice>
        </Section>
      )}
      <Section title="Ranges">
        <Facts
          facts={[
            ['Pods', <Ranges key="pods" ranges={cluster.ranges.pods} />],
            ['Services', <Ranges key="services" ranges={cluster.ranges.services} />],
            ['Nodes', <Ranges key="nodes" ranges={cluster.ranges.nodes} />],
          ]}
        />
        {sharing.length > 0 && (
          <p className="mt-2.5 text-xs text-warn-ink">
            {sharing.map((other) => other.id).join(' and ')} use the same pod range, so pod addresses mean
            nothing between them. Domains give each member an address of its own.
          </p>
        )}
      </Section>
      <Section title={`Domains (${domains.length})`}>
        {domains.length === 0 && <p className="text-sm text-ink-3">No domain spans this cluster.</p>}
        {domains.map((domain) => (
          <LinkRow
            key={domain.id}
            onClick={() => onSelect(keyOf({ type: 'domain', id: domain.id }))}
            aside={
              <span className="font-mono text-2xs text-ink-3">
                {domain.clusters.find((entry) => entry.name === cluster.id)?.slices[0]}
              </span>
            }
          >
            {domain.id}
          </LinkRow>
        ))}
      </Section>
      <Section title={`Nodes (${nodes.length})`}>
        {nodes.map((node) => (
          <LinkRow
            key={node.id}
            onClick={() => onSelect(keyOf({ type: 'node', id: node.id }))}
            aside={
              !node.ready || !node.hasAgent ? (
                <Badge tone="warn">{node.ready ? 'no agent' : 'not ready'}</Badge>
              ) : (
                <span className="font-mono text-2xs text-ink-3">{node.addresses[0]}</span>
              )
            }
          >
            {node.name}
          </LinkRow>
        ))}
      </Section>
      <Links cluster={cluster} />
      {cluster.mirrors.length > 0 && (
        <Section title="What it knows of others">
          <Facts
            facts={cluster.mirrors.map((mirror) => [
              mirror.origin,
              `${plural(mirror.nodes.length, 'node')} of ${mirror.domain}`,
            ])}
          />
        </Section>
      )}
      {broken.length > 0 && (
        <Section title="Objects that cannot be read">
          {broken.map((entry) => (
            <p key={`${entry.object.kind}/${entry.object.name}`} className="text-xs text-fail-ink">
              <Mono copy={false}>{`${entry.object.kind} ${entry.object.name}`}</Mono> {entry.message}
            </p>
          ))}
        </Section>
      )}
    </>
  );
}

function Ranges({ ranges }: { ranges: readonly string[] }) {
  if (ranges.length === 0) return <span className="text-ink-3">unknown</span>;
  return ranges.map((range) => (
    <p key={range}>
      <Mono>{range}</Mono>
    </p>
  ));
}
