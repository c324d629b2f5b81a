'use client';
import { BookOpen, Download, Plug, Terminal } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Copy } from '../../components/ui/copy.tsx';
import { ClusterList } from './cluster-list.tsx';

/** Connected clusters, and how to go on: one's own clusters, YAML, how it works. */
export function ConnectPage() {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-5xl flex-col gap-6 px-6 py-6">
        <ClusterList />
        <div className="grid grid-cols-2 gap-4 max-lg:grid-cols-1">
          <Card icon={<Plug />} title="Connect your own clusters">
            <p>
              Paste a kubeconfig above, or name it to the command line. Server, CA data, client certificate
              data and tokens are read; <code className="font-mono text-xs">exec</code> plugins, file
              references and proxies are refused, so that a file from somewhere else runs nothing here.
            </p>
            <Command>npx flatland connect ./kubeconfig</Command>
            <p>To start without the sample lab, on a kubeconfig with one context per cluster:</p>
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
