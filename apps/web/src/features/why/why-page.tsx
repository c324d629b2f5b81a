'use client';
import { useMutation, useQuery, useQueryClient, skipToken } from '@tanstack/react-query';
import { ArrowLeftRight, ArrowRight, HelpCircle, Radar } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useWhyPair } from '../../lib/url-state.ts';
import { probeKey } from '../../live/live-state.ts';
import { useLive } from '../../live/live-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { EndPicker } from './end-picker.tsx';
import { ExplanationView } from './explanation-view.tsx';
import { lastProbe } from './last-probe.ts';
import { MatrixView } from './matrix-view.tsx';

/** May A reach B, why, and what did packets do: for a pair, and for all pairs. */
export function WhyPage() {
  return (
    <Tabs
      label="Why"
      tabs={[
        { id: 'pair', label: 'A pair', panel: <PairTab /> },
        { id: 'matrix', label: 'All pairs', panel: <MatrixView /> },
      ]}
    />
  );
}

function PairTab() {
  const { from, to, setFrom, setTo } = useWhyPair();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const blocked = useBlocked();
  const topology = useLive((live) => live.topology);
  const pair = from !== null && to !== null ? { from: { workload: from }, to: { workload: to } } : undefined;
  const why = useQuery(trpc.why.explain.queryOptions(pair ?? skipToken));
  const liveProbe = useLive((live) =>
    from !== null && to !== null ? live.probes[probeKey({ from, to })] : undefined,
  );
  const run = useMutation(
    trpc.probe.run.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.why.explain.queryFilter()),
      onError: (error) => toast.error(tellError(error).message, { description: tellError(error).hint }),
    }),
  );
  const probe = lastProbe({ from, to }, [run.data, liveProbe, why.data?.probe]);
  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-5 px-6 py-6">
      <div className="flex items-end gap-3">
        <EndPicker
          label="From"
          value={from}
          onChange={(id) => void setFrom(id)}
          topology={topology}
          testId="why-from"
        />
        <Button
          look="ghost"
          size="icon"
          tip="Swap"
          data-testid="why-swap"
          onClick={() => {
            void setFrom(to);
            void setTo(from);
          }}
        >
          <ArrowLeftRight />
        </Button>
        <EndPicker
          label="To"
          value={to}
          onChange={(id) => void setTo(id)}
          topology={topology}
          testId="why-to"
        />
        <Button
          look="solid"
          data-testid="probe-now"
          blocked={
            pair === undefined
              ? 'Pick both ends first'
              : (blocked ?? (run.isPending ? 'The probe is under way' : undefined))
          }
          onClick={() => pair && run.mutate(pair)}
        >
          <Radar className={run.isPending ? 'motion-safe:animate-pulse' : ''} />
          {run.isPending ? 'Probing…' : 'Probe now'}
        </Button>
      </div>
      {pair === undefined && (
        <Empty
          icon={HelpCircle}
          title="May A reach B?"
          why="Pick two workloads. You get the verdict, the object and field that decide it, the path hop by hop, and what the last packet did."
        />
      )}
      {pair !== undefined && why.isPending && (
        <div className="flex flex-col gap-3" aria-busy>
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </div>
      )}
      {why.isError && (
        <Empty icon={ArrowRight} title={tellError(why.error).message} why={tellError(why.error).hint} />
      )}
      {why.data !== undefined && (
        <ExplanationView explanation={{ ...why.data, ...(probe ? { probe } : {}) }} topology={topology} />
      )}
    </div>
  );
}
