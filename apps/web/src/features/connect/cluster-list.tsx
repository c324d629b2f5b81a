'use client';
import type { ClusterOverview } from '@flatland/bff/api/console';
import { useQuery } from '@tanstack/react-query';
import { Cable, KeyRound, Lock, Unplug } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { ageText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useLive } from '../../live/live-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useNow } from '../../state/use-now.ts';
import { ConnectDialog } from './connect-dialog.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';

const FAST_MS = 2000;
const SLOW_MS = 10_000;

type Open =
  | { readonly kind: 'connect' }
  | { readonly kind: 'replace'; readonly cluster: string }
  | { readonly kind: 'disconnect'; readonly cluster: string };

/** The connected clusters, and what a person may do to a connection. */
export function ClusterList() {
  const trpc = useTRPC();
  const overview = useQuery(
    trpc.console.overview.queryOptions(undefined, {
      // one that was just connected answers within a moment
      refetchInterval: ({ state }) =>
        state.data?.clusters.some(({ reachable }) => !reachable) ? FAST_MS : SLOW_MS,
    }),
  );
  const blocked = useBlocked();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const lab = overview.data?.lab?.clusters ?? [];
  return (
    <section aria-labelledby="clusters-title">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="clusters-title" className="text-sm font-semibold">
          Clusters
        </h2>
        <Button
          look="solid"
          data-testid="connect-open"
          blocked={blocked}
          onClick={() => setOpen({ kind: 'connect' })}
        >
          <Cable /> Connect a cluster
        </Button>
      </div>
      {overview.isPending && <Skeleton className="h-40" />}
      <ul className="overflow-hidden rounded-xl border border-line bg-panel shadow-card">
        {overview.data?.clusters.map((cluster) => (
          <Row
            key={`${cluster.origin} ${cluster.name}`}
            cluster={cluster}
            isLab={lab.includes(cluster.name)}
            onOpen={setOpen}
          />
        ))}
        {overview.data?.clusters.length === 0 && (
          <li className="px-4 py-6 text-center text-sm text-ink-3">No cluster is connected yet.</li>
        )}
      </ul>
      {overview.data && (
        <p className="mt-2 text-xs text-ink-3">
          Flatland {overview.data.version}, datapath {overview.data.datapath}
        </p>
      )}
      {open?.kind === 'connect' && <ConnectDialog onClose={close} />}
      {open?.kind === 'replace' && <ConnectDialog replace={open.cluster} onClose={close} />}
      {open?.kind === 'disconnect' && <DisconnectDialog cluster={open.cluster} onClose={close} />}
    </section>
  );
}

function Row({
  cluster,
  isLab,
  onOpen,
}: {
  cluster: ClusterOverview;
  isLab: boolean;
  onOpen: (open: Open) => void;
}) {
  const live = useLive((state) => state.topology.clusters[cluster.name]);
  const now = useNow();
  const blocked = useBlocked();
  const { name } = cluster;
  return (
    <li
      data-testid="cluster-row"
      data-id={name}
      className="flex min-h-14 items-center gap-4 border-b border-line px-4 py-2.5 last:border-b-0"
    >
      <div className="min-w-0 flex-1">
        <Link
          href={`/?sel=${encodeURIComponent(keyOf({ type: 'cluster', id: name }))}`}
          className="font-medium hover:underline"
        >
          {name}
        </Link>
        <p className="truncate text-xs text-ink-3">
          {cluster.message ??
            `Kubernetes ${cluster.version}, pods ${live?.ranges.pods.join(' ') || 'unknown'}`}
        </p>
      </div>
      <span className="tabular text-xs text-ink-3">
        {cluster.nNodes} nodes, {cluster.nAgents} agents
      </span>
      {cluster.readOnly && (
        <Badge>
          <Lock aria-hidden /> read-only
        </Badge>
      )}
      {isLab && <Badge>sample lab</Badge>}
      <Badge tone={cluster.reachable ? 'plain' : 'warn'}>
        {cluster.reachable
          ? 'connected'
          : cluster.lastSeenMs === 0
            ? 'not seen yet'
            : `last seen ${ageText(now - cluster.lastSeenMs)}`}
      </Badge>
      {cluster.origin === 'connected' && (
        <span className="flex gap-1">
          <Button
            look="ghost"
            size="icon-sm"
            tip={`Replace the credentials of ${name}`}
            blocked={blocked}
            onClick={() => onOpen({ kind: 'replace', cluster: name })}
          >
            <KeyRound />
          </Button>
          <Button
            look="ghost"
            size="icon-sm"
            data-testid="disconnect-open"
            tip={`Disconnect ${name}`}
            blocked={blocked}
            onClick={() => onOpen({ kind: 'disconnect', cluster: name })}
          >
            <Unplug />
          </Button>
        </span>
      )}
    </li>
  );
}
