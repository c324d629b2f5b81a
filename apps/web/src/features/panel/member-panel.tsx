'use client';
import { REASONS } from '@flatland/shared/reason/reasons';
import type { WorkloadView } from '@flatland/shared/topology/topology';
import { Spline, Undo2, Unlink } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { CANVAS } from '../../graph/gesture/gesture-machine.ts';
import { keyOf, memberKey } from '../../graph/model/element-key.ts';
import { groupProbes } from '../../graph/model/member-state.ts';
import { useLive } from '../../live/live-store.ts';
import { useStagedIntents, useStaging } from '../../staging/staging-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useConnect } from '../../state/use-connect.ts';
import { DriftNotice } from '../drift/drift-notice.tsx';
import { StateText, useMemberState } from './member-card.tsx';
import { Facts, LinkRow, Mono, PanelHeader, Section } from './panel-parts.tsx';

interface Props {
  readonly workload: WorkloadView;
  readonly domain: string;
  readonly onSelect: (key: string | undefined) => void;
  readonly onClose: () => void;
}

/** One membership: its state, its object, its addresses, and how to leave. */
export function MemberPanel({ workload, domain, onSelect, onClose }: Props) {
  const live = useLive((state) => state.topology.workloads[workload.id]) ?? workload;
  const membership = useLive((state) => {
    const entry = state.topology.workloads[workload.id]?.domains.find((other) => other.domain === domain);
    return entry && state.topology.memberships[entry.membership];
  });
  const probes = useLive((state) => state.probes);
  const grouped = useMemo(() => groupProbes(Object.values(probes)), [probes]);
  const state = useMemberState(live, domain, grouped);
  const connect = useConnect();
  const blocked = useBlocked();
  const intents = useStagedIntents();
  const staged = intents.find(
    (intent) =>
      (intent.kind === 'join' || intent.kind === 'leave') &&
      intent.workload === workload.id &&
      intent.domain === domain,
  );
  const key = memberKey(workload.id, domain);
  return (
    <>
      <PanelHeader
        icon={<Spline />}
        title={`${workload.name} in ${domain}`}
        where="Membership"
        onClose={onClose}
        badges={<StateText state={state} />}
        actions={
          staged ? (
            <Button size="sm" data-testid="unstage" onClick={() => useStaging.getState().unstage(staged)}>
              <Undo2 /> Take back
            </Button>
          ) : (
            <Button
              size="sm"
              look="danger"
              data-testid="leave"
              blocked={blocked}
              onClick={() => connect(key, CANVAS)}
            >
              <Unlink /> Leave {domain}
            </Button>
          )
        }
      />
      <DriftNotice of={key} />
      {(state.kind === 'failed' || state.kind === 'disagrees') && (
        <Section title="Reason">
          <Notice tone="fail" title={REASONS[state.code].title} testId="member-reason">
            {state.kind === 'failed' && state.detail ? state.detail : REASONS[state.code].text}.{' '}
            {REASONS[state.code].next}.
          </Notice>
        </Section>
      )}
      <Section title="Ends">
        <LinkRow onClick={() => onSelect(keyOf({ type: 'workload', id: workload.id }))}>
          Workload {workload.name}
        </LinkRow>
        <LinkRow onClick={() => onSelect(keyOf({ type: 'domain', id: domain }))}>Domain {domain}</LinkRow>
      </Section>
      <Section title="Members">
        <ul className="flex flex-col gap-2.5">
          {live.instances.map((instance) => {
            const member = instance.members.find((entry) => entry.domain === domain);
            const refused = instance.refused.find((entry) => entry.domain === domain);
            return (
              <li key={instance.uid} className="text-sm">
                <p className="truncate font-mono text-xs">{instance.name}</p>
                {member ? (
                  <>
                    {member.addresses.map((address) => (
                      <p key={address}>
                        <Mono>{address}</Mono>
                      </p>
                    ))}
                    {member.dnsNames.map((name) => (
                      <p key={name} className="text-ink-3">
                        <Mono>{name}</Mono>
                      </p>
                    ))}
                  </>
                ) : (
                  <p className="text-xs text-ink-3">{refused ? refused.message : 'no address yet'}</p>
                )}
              </li>
            );
          })}
        </ul>
      </Section>
      {membership && (
        <Section title="Object">
          <Facts
            facts={[
              ['Membership', <Mono key="name">{`${membership.namespace}/${membership.name}`}</Mono>],
              ['Cluster', membership.cluster],
              [
                'Selects',
                membership.selects.type === 'workload'
                  ? `${membership.selects.kind} ${membership.selects.name}`
                  : 'pods by labels',
              ],
              ['Made by', membership.owned ? 'Flatland' : 'another tool'],
            ]}
          />
        </Section>
      )}
    </>
  );
}
