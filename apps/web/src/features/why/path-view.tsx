'use client';
import type { Hop } from '@flatland/shared/reachability/verdict';
import type { Topology } from '@flatland/shared/topology/topology';
import { Box, Lock, Router } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { Mono } from '../panel/panel-parts.tsx';
import { tunnelReport, tunnelSummary } from '../panel/tunnel-facts.ts';

/** The way of a packet: member, router of its node, tunnel, router, member. */
export function PathView({ path, topology }: { path: readonly Hop[]; topology: Topology }) {
  return (
    <ol data-testid="path" className="flex flex-col">
      {path.map((hop, index) => (
        <HopRow key={index} hop={hop} last={index === path.length - 1} topology={topology} />
      ))}
    </ol>
  );
}

function HopRow({ hop, last, topology }: { hop: Hop; last: boolean; topology: Topology }) {
  const now = useNow();
  const reports = useLive((live) => live.reports);
  const row = (icon: ReactNode, title: ReactNode, detail: ReactNode) => (
    <li data-testid="hop" data-type={hop.type} className="relative flex gap-3.5 pb-4 last:pb-0">
      {!last && <span className="absolute top-8 bottom-0 left-4 w-px bg-line-strong" aria-hidden />}
      <span className="flex size-8 shrink-0 items-center justify-center rounded-lg border border-line bg-sunken text-ink-2 [&_svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0 pt-0.5">
        <span className="block text-sm font-medium">{title}</span>
        <span className="block text-xs text-ink-3">{detail}</span>
      </span>
    </li>
  );
  switch (hop.type) {
    case 'instance': {
      const workload = topology.workloads[hop.workload];
      return row(
        <Box />,
        <>
          {workload?.name ?? hop.workload} <Mono>{hop.address}</Mono>
        </>,
        `${hop.instance}, ${workload?.cluster ?? ''}`,
      );
    }
    case 'router':
      return row(
        <Router />,
        `Router of ${hop.domain} on ${hop.node}`,
        hop.address ? <Mono>{hop.address}</Mono> : 'knows the routes of this domain alone',
      );
    case 'tunnel': {
      const peer = tunnelReport(reports, hop);
      const facts = peer ? tunnelSummary(peer, now) : ['no report of this tunnel'];
      return row(
        <Lock />,
        `WireGuard tunnel from ${hop.from} to ${hop.to}${hop.relay ? ` by ${hop.relay}` : ''}`,
        facts.join(' · '),
      );
    }
  }
}
