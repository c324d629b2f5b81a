'use client';
import { useQuery } from '@tanstack/react-query';
import { BookOpen, Download, Plug, Terminal } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Copy } from '../../components/ui/copy.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { keyOf } from '../../graph/model/element-key.ts';
import { ageText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';

/** Connected clusters, and how to go on: one's own clusters, YAML, how it works. */
export function ConnectPage() {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-6 px-6 py-6">
        <Clusters />
        <div className="grid grid-cols-2 gap-4 max-lg:grid-cols-1">
          <Card icon={<Plug />} title="Connect your own clusters">
            <p>
              Bring a kubeconfig with one context per cluster. Server, CA data, client certificate data and
              tokens are read; <code className="font-mono text-xs">exec</code> plugins, file references and
              proxies are refused, so that a file from somewhere else runs nothing here.
            </p>
            <Command>{'FLATLAND_LAB=off FLATLAND_KUBECONFIG=./kubeconfig \\\n  npm start'}</Command>
            <p>A kubeconfig without write rights is fine: everything can be planned and exported.</p>
          </Card>
          <Card icon={<Terminal />} title="The same from the command line">
            <p>Every gesture is a command, and makes the same bytes.</p>
            <Command>npx flatland join analytics/reporting green</Command>
            <Command>{'kubectl --kubeconfig .flatland/kubeconfig \\\n  get domains,memberships -A'}</Command>
          </Card>
          <Card icon={<Download />} title="Take the YAML">
            <p>
              Every review exports its objects, a folder per cluster, to commit to Git. To have all of them as
              they are:
            </p>
            <Command>npx flatland export ./flatland-objects</Command>
          </Card>
          <Card icon={<BookOpen />} title="How it works">
            <p>
              A membership is an object in the workload’s own cluster. The node’s agent gives each of its pods
              an interface with an address of the domain; nodes carry the domain’s packets to each other in
              WireGuard tunnels. Nothing passes through this console: stop it, and members keep talking.
            </p>
            <p>
              <Link href="/why" className="font-medium text-ink underline underline-offset-2">
                Ask why two workloads do, or do not, reach each other
              </Link>
            </p>
          </Card>
        </div>
      </div>
    </div>
  );
}

function Clusters() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.console.overview.queryOptions(undefined, { refetchInterval: 10_000 }));
  const live = useLive((state) => state.topology.clusters);
  const now = useNow();
  return (
    <section aria-labelledby="clusters-title">
      <h2 id="clusters-title" className="mb-2 text-sm font-semibold">
        Clusters
      </h2>
      {overview.isPending && <Skeleton className="h-40" />}
      <ul className="overflow-hidden rounded-xl border border-line bg-panel shadow-card">
        {overview.data?.clusters.map((cluster) => (
          <li
            key={cluster.name}
            data-testid="cluster-row"
            className="flex min-h-14 items-center gap-4 border-b border-line px-4 py-2.5 last:border-b-0"
          >
            <div className="min-w-0 flex-1">
              <Link
                href={`/?sel=${encodeURIComponent(keyOf({ type: 'cluster', id: cluster.name }))}`}
                className="font-medium hover:underline"
              >
                {cluster.name}
              </Link>
              <p className="truncate text-xs text-ink-3">
                {cluster.message ??
                  `Kubernetes ${cluster.version}, pods ${live[cluster.name]?.ranges.pods.join(' ') ?? 'unknown'}`}
              </p>
            </div>
            <span className="tabular text-xs text-ink-3">
              {cluster.nNodes} nodes, {cluster.nAgents} agents
            </span>
            {cluster.readOnly && <Badge>read-only</Badge>}
            {overview.data?.lab?.clusters.includes(cluster.name) && <Badge>sample lab</Badge>}
            <Badge tone={cluster.reachable ? 'plain' : 'warn'}>
              {cluster.reachable ? 'connected' : `last seen ${ageText(now - cluster.lastSeenMs)}`}
            </Badge>
          </li>
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
    </section>
  );
}

function Card({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2.5 rounded-xl border border-line bg-panel p-5 text-sm text-ink-2 shadow-card">
      <h2 className="flex items-center gap-2 text-base font-semibold text-ink [&_svg]:size-4 [&_svg]:text-ink-3">
        {icon}
        {title}
      </h2>
      {children}
    </section>
  );
}

function Command({ children }: { children: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 font-mono text-xs break-words whitespace-pre-wrap text-ink">
        {children}
      </code>
      <Copy text={children} />
    </div>
  );
}
