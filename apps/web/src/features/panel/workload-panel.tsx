'use client';
import type { WorkloadView } from '@flatland/shared/topology/topology';
import { Box, Crosshair, HelpCircle, Link2, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { keyOf, memberKey } from '../../graph/model/element-key.ts';
import { groupProbes } from '../../graph/model/member-state.ts';
import { useLive } from '../../live/live-store.ts';
import { plural } from '../../lib/format.ts';
import { useFocusMode } from '../../lib/url-state.ts';
import { useProjected } from '../../state/use-connect.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useUi } from '../../state/ui-store.ts';
import { DriftNotice } from '../drift/drift-notice.tsx';
import { MemberCard } from './member-card.tsx';
import { Facts, Mono, PanelHeader, Section } from './panel-parts.tsx';
import { useReach } from './use-reach.ts';

interface Props {
  readonly workload: WorkloadView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A workload: whom it reaches, its domains with addresses and names, its instances. */
export function WorkloadPanel({ workload, onSelect, onClose }: Props) {
  const topology = useProjected();
  const live = useLive((state) => state.topology.workloads[workload.id]) ?? workload;
  const probes = useLive((state) => state.probes);
  const grouped = useMemo(() => groupProbes(Object.values(probes)), [probes]);
  const [, setFocus] = useFocusMode();
  const blocked = useBlocked();
  const key = keyOf({ type: 'workload', id: workload.id });
  const { ready, desired } = workload.replicas;
  const domains = [
    ...new Set([...live.domains, ...workload.domains].map((entry) => entry.domain)),
  ].toSorted();
  return (
    <>
      <PanelHeader
        icon={<Box />}
        title={workload.name}
        where={`${workload.cluster} / ${workload.namespace} / ${workload.kind}`}
        onClose={onClose}
        badges={
          <>
            <Badge tone={ready >= desired ? 'plain' : ready === 0 ? 'fail' : 'warn'}>
              {ready}/{desired} ready
            </Badge>
            {workload.hostNetwork && <Badge tone="warn">host network</Badge>}
            {workload.domains.map((entry) => (
              <DomainChip key={entry.domain} name={entry.domain} />
            ))}
          </>
        }
        actions={
          <>
            <Button
              size="sm"
              data-testid="panel-connect"
              blocked={blocked}
              onClick={() => useUi.getState().ask({ kind: 'target', source: key })}
            >
              <Link2 /> Connect…
            </Button>
            <Link href={`/why?from=${encodeURIComponent(workload.id)}`} tabIndex={-1}>
              <Button size="sm">
                <HelpCircle /> Why…
              </Button>
            </Link>
            <Button size="sm" onClick={() => void setFocus(key)}>
              <Crosshair /> Focus
            </Button>
          </>
        }
      />
      <DriftNotice of={key} />
      <Section title="Reach">
        <Reach workload={workload} />
      </Section>
      <Section title={`Domains (${domains.length})`}>
        {domains.length === 0 ? (
          <p className="text-sm text-ink-3">
            In no domain, so nobody outside its cluster reaches it through Flatland. Drag it onto a hub, or
            press <b className="font-medium text-ink-2">Connect…</b>
          </p>
        ) : (
          <ul className="flex flex-col gap-2">
            {domains.map((domain) => (
              <MemberCard
                key={domain}
                workload={live}
                domain={domain}
                probes={grouped}
                topology={topology}
                onSelect={() => onSelect(memberKey(workload.id, domain))}
              />
            ))}
          </ul>
        )}
      </Section>
      {workload.networkPolicies.length > 0 && (
        <Section title="NetworkPolicies">
          <Notice tone="warn" title="NetworkPolicies do not apply to a domain’s interfaces">
            Selected by {workload.networkPolicies.join(', ')}.
          </Notice>
        </Section>
      )}
      <Section title={`Instances (${workload.instances.length})`}>
        <ul className="flex flex-col gap-3">
          {workload.instances.map((instance) => (
            <li key={instance.uid} className="text-sm" data-testid="instance">
              <div className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate font-mono text-xs">{instance.name}</span>
                {!instance.ready && <TriangleAlert className="size-3.5 text-warn" aria-label="not ready" />}
                <span className="text-xs text-ink-3">
                  {instance.phase}
                  {instance.restarts > 0 && `, ${plural(instance.restarts, 'restart')}`}
                </span>
              </div>
              <p className="truncate text-xs text-ink-3">
                {instance.node || 'not scheduled'} · pod address {instance.podAddresses.join(', ') || 'none'}
              </p>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Details">
        <Facts
          facts={[
            ['Account', <Mono key="account">{workload.serviceAccount}</Mono>],
            [
              'Labels',
              Object.entries(workload.labels)
                .map(([name, value]) => `${name}=${value}`)
                .join(', '),
            ],
          ]}
        />
      </Section>
    </>
  );
}

function Reach({ workload }: { workload: WorkloadView }) {
  const topology = useProjected();
  const { nWorkloads, nMembers } = useReach(topology, workload);
  const domains = workload.domains.filter((entry) => entry.counts).map((entry) => entry.domain);
  if (nMembers === 0) return <p className="text-sm text-ink-2">Reaches nobody.</p>;
  return (
    <p className="text-sm text-ink-2" data-testid="reach">
      Reaches <b className="font-semibold text-ink">{plural(nMembers, 'member')}</b> of{' '}
      {plural(nWorkloads, 'workload')}.
      {domains.length > 1 &&
        ` It does not join ${domains.slice(0, -1).join(', ')} to ${domains.at(-1)}: nothing is routed between them.`}
    </p>
  );
}
