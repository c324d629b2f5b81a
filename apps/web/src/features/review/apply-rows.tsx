'use client';
import type { StepProgress } from '@flatland/bff/api/change-set';
import { REASONS } from '@flatland/shared/reason/reasons';
import type { ChangeSetSummary, ClusterProgress } from '@flatland/shared/report/console-event';
import {
  Check,
  CircleCheckBig,
  CircleDashed,
  Clock,
  LoaderCircle,
  OctagonAlert,
  type LucideIcon,
} from 'lucide-react';
import { cn } from '../../lib/cn.ts';

const STAGES = ['queued', 'applying', 'applied', 'programmed', 'proved'] as const;

/** A row per cluster: queued, applying, waiting, applied, programmed, proved. */
export function ApplyRows({ summary, steps }: { summary: ChangeSetSummary; steps: readonly StepProgress[] }) {
  return (
    <ul
      aria-label="Progress by cluster"
      data-testid="apply-rows"
      className="overflow-hidden rounded-lg border border-line"
    >
      {summary.clusters.map((cluster) => (
        <Row
          key={cluster.cluster}
          cluster={cluster}
          steps={steps.filter((step) => step.object.cluster === cluster.cluster)}
        />
      ))}
    </ul>
  );
}

function Row({ cluster, steps }: { cluster: ClusterProgress; steps: readonly StepProgress[] }) {
  const { icon: Icon, spin, tone } = LOOKS[cluster.state];
  const failed = steps.filter((step) => step.refusal !== undefined);
  return (
    <li
      data-testid="apply-row"
      data-cluster={cluster.cluster}
      data-state={cluster.state}
      className="border-b border-line px-3.5 py-2.5 last:border-b-0"
    >
      <div className="flex items-center gap-3">
        <Icon className={cn('size-4 shrink-0', tone, spin && 'motion-safe:animate-spin')} aria-hidden />
        <span className="w-32 truncate font-medium">{cluster.cluster}</span>
        <Track state={cluster.state} />
        <span className="tabular w-12 text-right text-xs text-ink-3">
          {cluster.stepsDone}/{cluster.nSteps}
        </span>
        <span className={cn('w-24 text-right text-xs font-medium', tone)}>{cluster.state}</span>
      </div>
      {cluster.message !== undefined && <p className="mt-1 pl-7 text-xs text-ink-3">{cluster.message}</p>}
      {failed.map((step) => (
        <p key={step.stepId} className="mt-1 pl-7 text-xs text-fail-ink">
          {step.object.kind} {step.object.name}:{' '}
          {step.refusal && (step.refusal.detail || REASONS[step.refusal.code].text)}.{' '}
          {step.refusal && REASONS[step.refusal.code].next}.
        </p>
      ))}
    </li>
  );
}

/** How far the cluster is, as a line of five stops. */
function Track({ state }: { state: ClusterProgress['state'] }) {
  const reached = STAGES.indexOf(state === 'waiting' || state === 'failed' ? 'applying' : state);
  return (
    <span className="flex flex-1 items-center gap-1" aria-hidden>
      {STAGES.map((stage, index) => (
        <span
          key={stage}
          className={cn(
            'h-1 flex-1 rounded-full transition-colors duration-300',
            index > reached
              ? 'bg-active'
              : state === 'failed'
                ? 'bg-fail'
                : state === 'waiting'
                  ? 'bg-warn'
                  : state === 'proved'
                    ? 'bg-ink'
                    : 'bg-staged',
          )}
        />
      ))}
    </span>
  );
}

const LOOKS: Record<ClusterProgress['state'], { icon: LucideIcon; tone: string; spin: boolean }> = {
  queued: { icon: CircleDashed, tone: 'text-ink-3', spin: false },
  applying: { icon: LoaderCircle, tone: 'text-staged-ink', spin: true },
  waiting: { icon: Clock, tone: 'text-warn-ink', spin: false },
  applied: { icon: Check, tone: 'text-staged-ink', spin: false },
  programmed: { icon: LoaderCircle, tone: 'text-staged-ink', spin: true },
  proved: { icon: CircleCheckBig, tone: 'text-ink', spin: false },
  failed: { icon: OctagonAlert, tone: 'text-fail-ink', spin: false },
};
