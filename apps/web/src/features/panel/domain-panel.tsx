'use client';
import type { DomainView } from '@flatland/shared/topology/topology';
import { Crosshair, Hexagon, Radar, Trash2, Users } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { toast } from 'sonner';
import { DriftSign } from '../../components/drift/drift-sign.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { keyOf, memberKey } from '../../graph/model/element-key.ts';
import { groupProbes } from '../../graph/model/member-state.ts';
import { useLive } from '../../live/live-store.ts';
import { tellError } from '../../lib/console-error.ts';
import { plural } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useFocusMode } from '../../lib/url-state.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useProjected, useStage } from '../../state/use-connect.ts';
import { DriftNotice } from '../drift/drift-notice.tsx';
import { useDriftMarks } from '../drift/use-drift-marks.ts';
import { StateText, useMemberState } from './member-card.tsx';
import { ExportNsm } from './export-nsm.tsx';
import { Conditions, Facts, LinkRow, Mono, PanelHeader, Section } from './panel-parts.tsx';
import { clashesOf } from './clashes.ts';
import type { WorkloadView } from '@flatland/shared/topology/topology';
import type { ProbesOf } from '../../graph/model/member-state.ts';

interface Props {
  readonly domain: DomainView;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** A domain: prefixes, slices, members, DNS, conditions. */
export function DomainPanel({ domain, onSelect, onClose }: Props) {
  const topology = useProjected();
  const trpc = useTRPC();
  const probes = useLive((state) => state.probes);
  const grouped = useMemo(() => groupProbes(Object.values(probes)), [probes]);
  const stage = useStage();
  const blocked = useBlocked();
  const [, setFocus] = useFocusMode();
  const probeAll = useMutation(
    trpc.probe.runAll.mutationOptions({
      onSuccess: (results) => {
        const echoed = results.filter((probe) => probe.result.echoed).length;
        const wrong = results.filter((probe) => !probe.agrees).length;
        const text = `${echoed} of ${results.length} probes came back`;
        if (wrong > 0)
          toast.error(text, { description: `${plural(wrong, 'pair')} disagree with the verdict` });
        else toast.success(text, { description: 'Packets agree with every verdict' });
      },
      onError: (error) => toast.error(tellError(error).message, { description: tellError(error).hint }),
    }),
  );
  const staged = useLive((state) => state.topology.domains[domain.id]) === undefined;
  const members = Object.values(topology.workloads).filter((workload) =>
    workload.domains.some((entry) => entry.domain === domain.id),
  );
  const meshes = Object.values(topology.meshes).filter((mesh) => mesh.domain === domain.id);
  const clashes = clashesOf(domain, topology);
  const marks = useDriftMarks();
  const copies = new Set<string>(
    marks
      .get(keyOf({ type: 'domain', id: domain.id }))
      ?.flatMap(({ object }) => (object.kind === 'Domain' ? object.cluster : [])),
  );
  return (
    <>
      <PanelHeader
        icon={<Hexagon />}
        title={domain.id}
        where={domain.dnsName ? `Domain, ${domain.dnsName}` : 'Domain'}
        onClose={onClose}
        badges={
          <>
            {staged && <Badge tone="staged">+ staged</Badge>}
            {domain.target === 'nsm' && <Badge>export only</Badge>}
            <Badge>
              <Users aria-hidden /> {plural(domain.memberCount, 'member')}
            </Badge>
            {domain.target === 'flatland' && domain.programmedCount < domain.memberCount && (
              <Badge tone="warn">
                {domain.programmedCount} of {domain.memberCount} programmed
              </Badge>
            )}
          </>
        }
        actions={
          <>
            <Button
              size="sm"
              data-testid="probe-domain"
              blocked={blocked ?? (probeAll.isPending ? 'Probes are under way' : undefined)}
              onClick={() => probeAll.mutate({ domain: domain.id })}
            >
              <Radar className={probeAll.isPending ? 'motion-safe:animate-pulse' : ''} /> Probe all
            </Button>
            <Button size="sm" onClick={() => void setFocus(keyOf({ type: 'domain', id: domain.id }))}>
              <Crosshair /> Focus
            </Button>
            <ExportNsm domain={domain.id} staged={staged} />
            <Button
              size="sm"
              look="danger"
              data-testid="delete-domain"
              blocked={
                blocked ??
                (members.length > 0 ? `${plural(members.length, 'workload')} must leave first` : undefined)
              }
              onClick={() => stage([{ kind: 'delete-domain', domain: domain.id }])}
            >
              <Trash2 /> Delete
            </Button>
          </>
        }
      />
      <DriftNotice of={keyOf({ type: 'domain', id: domain.id })} />
      {clashes.length > 0 && (
        <Section title="Clash">
          <Notice tone="warn" title="Another domain uses the same addresses">
            <ul>
              {clashes.map((clash) => (
                <li key={clash}>{clash}. No workload can be in both.</li>
              ))}
            </ul>
          </Notice>
        </Section>
      )}
      <Section title="Network">
        <Facts
          facts={[
            [
              'Prefixes',
              domain.prefixes.length === 0
                ? 'from the pool'
                : domain.prefixes.map((prefix) => (
                    <p key={prefix}>
                      <Mono>{prefix}</Mono>
                    </p>
                  )),
            ],
            ['DNS zone', domain.dnsName && <Mono>{domain.dnsName}</Mono>],
            ['MTU', domain.mtuBytes && `${domain.mtuBytes} bytes`],
            ['Home', domain.home],
            ['Owner', domain.owner],
            ['Target', domain.target === 'nsm' ? 'Network Service Mesh, export only' : 'Flatland'],
            [
              'Admits',
              domain.allowedNamespaces.includes('*')
                ? 'every namespace'
                : domain.allowedNamespaces.join(', '),
            ],
          ]}
        />
      </Section>
      <Section title={`Clusters (${domain.clusters.length})`}>
        <ul className="flex flex-col gap-1.5">
          {domain.clusters.map((cluster) => (
            <li key={cluster.name} className="flex items-start gap-2 text-sm">
              <button
                type="button"
                className="w-24 shrink-0 truncate text-left hover:underline"
                onClick={() => onSelect(keyOf({ type: 'cluster', id: cluster.name }))}
              >
                {cluster.name}
              </button>
              <span className="min-w-0 flex-1 font-mono text-xs leading-5 text-ink-2">
                {cluster.slices.join(' ')}
              </span>
              {copies.has(cluster.name) && <Badge tone="warn">not as applied</Badge>}
              {!cluster.present && <Badge tone="warn">not there yet</Badge>}
              {cluster.present && !cluster.agrees && <Badge tone="warn">differs from home</Badge>}
            </li>
          ))}
        </ul>
      </Section>
      <Section title={`Members (${plural(members.length, 'workload')})`}>
        {members.length === 0 ? (
          <p className="text-sm text-ink-3">
            No workload is in {domain.id} yet. Drag one from the map onto its hub, or select one and press
            Connect…
          </p>
        ) : (
          members.map((workload) => (
            <LinkRow
              key={workload.id}
              testId="domain-member"
              onClick={() => onSelect(memberKey(workload.id, domain.id))}
              aside={<MemberStateOf workload={workload} domain={domain.id} probes={grouped} />}
            >
              <span className="truncate">{workload.name}</span>
              <span className="truncate text-xs text-ink-3">{workload.cluster}</span>
              <DriftSign objects={marks.get(memberKey(workload.id, domain.id))?.length} />
            </LinkRow>
          ))
        )}
      </Section>
      {meshes.length > 0 && (
        <Section title="Meshes">
          {meshes.map((mesh) => (
            <LinkRow key={mesh.id} onClick={() => onSelect(keyOf({ type: 'mesh', id: mesh.id }))}>
              {mesh.name} <span className="text-xs text-ink-3">{mesh.kind}</span>
            </LinkRow>
          ))}
        </Section>
      )}
      {domain.conditions.length > 0 && (
        <Section title="Conditions">
          <Conditions conditions={domain.conditions} />
        </Section>
      )}
    </>
  );
}

function MemberStateOf({
  workload,
  domain,
  probes,
}: {
  workload: WorkloadView;
  domain: string;
  probes: ProbesOf;
}) {
  const live = useLive((state) => state.topology.workloads[workload.id]) ?? workload;
  const state = useMemberState(live, domain, probes);
  return <StateText state={state} className="max-w-40 truncate" />;
}
