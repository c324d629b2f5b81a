'use client';
import type { Topology, WorkloadView } from '@flatland/shared/topology/topology';
import { CircleCheck, CircleDashed, LoaderCircle, Minus, OctagonAlert, Plus } from 'lucide-react';
import { DriftSign } from '../../components/drift/drift-sign.tsx';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { memberKey } from '../../graph/model/element-key.ts';
import type { MemberState } from '../../graph/model/graph-model.ts';
import { memberState, type ProbesOf } from '../../graph/model/member-state.ts';
import { useStagedIntents } from '../../staging/staging-store.ts';
import { cn } from '../../lib/cn.ts';
import { useDriftMarks } from '../drift/use-drift-marks.ts';
import { memberStateText } from '../map/describe-element.ts';

/** What one domain is to one workload: state, addresses, names, mesh. */
export function MemberCard({
  workload,
  domain,
  probes,
  topology,
  onSelect,
}: {
  workload: WorkloadView;
  domain: string;
  probes: ProbesOf;
  topology: Topology;
  onSelect: () => void;
}) {
  const hue = useHues().get(domain);
  const drifted = useDriftMarks().get(memberKey(workload.id, domain));
  const state = useMemberState(workload, domain, probes);
  const members = workload.instances.flatMap((instance) =>
    instance.members.filter((member) => member.domain === domain),
  );
  const mesh = Object.values(topology.meshes).find((candidate) => candidate.domain === domain);
  return (
    <li>
      <button
        type="button"
        onClick={onSelect}
        data-testid={`member-${domain}`}
        className="w-full rounded-lg border border-line bg-card p-2.5 text-left shadow-card transition-colors hover:border-line-strong"
      >
        <span className="flex items-center gap-2">
          <DomainSign hue={hue} />
          <span className="flex flex-1 items-center gap-1.5 font-semibold">
            {domain}
            <DriftSign objects={drifted?.length} />
          </span>
          <StateText state={state} />
        </span>
        {members.map((member) => (
          <span key={member.addresses.join()} className="mt-1.5 block">
            <span className="block font-mono text-xs">{member.addresses.join('  ')}</span>
            {member.dnsNames[0] !== undefined && (
              <span
                className="block truncate font-mono text-2xs text-ink-3"
                title={member.dnsNames.join('\n')}
              >
                {member.dnsNames[0]}
              </span>
            )}
          </span>
        ))}
        {mesh && (
          <span className="mt-1.5 block text-xs text-ink-3">
            Mesh {mesh.name}
            {mesh.controlPlane === workload.id
              ? ': its control plane'
              : mesh.enrolled.includes(workload.id)
                ? ': enrolled'
                : ': not enrolled'}
          </span>
        )}
      </button>
    </li>
  );
}

/** State of a membership with what is staged. */
export function useMemberState(workload: WorkloadView, domain: string, probes: ProbesOf): MemberState {
  const intents = useStagedIntents();
  const touches = (kind: 'join' | 'leave') =>
    intents.some(
      (intent) => intent.kind === kind && intent.workload === workload.id && intent.domain === domain,
    );
  if (touches('leave')) return { kind: 'staged-remove' };
  const joined = workload.domains.some((entry) => entry.domain === domain);
  return joined ? memberState(workload, domain, probes) : { kind: 'staged-add' };
}

/** State of a membership with its sign: never by colour alone. */
export function StateText({ state, className }: { state: MemberState; className?: string }) {
  const { icon: Icon, tone, spin } = LOOKS[state.kind];
  return (
    <span className={cn('inline-flex items-center gap-1 text-xs font-medium', tone, className)}>
      <Icon className={cn('size-3.5 shrink-0', spin && 'motion-safe:animate-spin')} aria-hidden />
      {memberStateText(state)}
    </span>
  );
}

const LOOKS = {
  'staged-add': { icon: Plus, tone: 'text-staged-ink', spin: false },
  'staged-remove': { icon: Minus, tone: 'text-staged-ink', spin: false },
  programming: { icon: LoaderCircle, tone: 'text-ink-2', spin: true },
  member: { icon: CircleDashed, tone: 'text-ink-3', spin: false },
  proved: { icon: CircleCheck, tone: 'text-ink-2', spin: false },
  disagrees: { icon: OctagonAlert, tone: 'text-fail-ink', spin: false },
  failed: { icon: OctagonAlert, tone: 'text-fail-ink', spin: false },
} as const;
