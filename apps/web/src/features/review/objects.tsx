'use client';
import type { ChangeSet, StepDryRun } from '@flatland/bff/api/change-set';
import type { PlanStep } from '@flatland/shared/plan/plan';
import { REASONS } from '@flatland/shared/reason/reasons';
import { CircleCheck, FileDiff, KeyRound, Minus, OctagonAlert, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { Notice } from '../../components/ui/notice.tsx';
import { cn } from '../../lib/cn.ts';
import { plural } from '../../lib/format.ts';
import { DiffModes, YamlDiff, type DiffMode } from './object-diff.tsx';
import { ReviewSection } from './section.tsx';

interface Props {
  readonly changeSet: ChangeSet;
}

/** The objects per cluster, each with its diff and what the cluster's dry-run says of it. */
export function Objects({ changeSet }: Props) {
  const { plan, dryRun } = changeSet.planned;
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [mode, setMode] = useState<DiffMode>('unified');
  const clusters = [...Map.groupBy(plan.steps, (step) => step.cluster)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const resultOf = (step: PlanStep) => dryRun.find((result) => result.stepId === step.id);
  const refusedFirst = plan.steps.find((step) => resultOf(step)?.outcome === 'refused');
  const step = plan.steps.find((candidate) => candidate.id === chosen) ?? refusedFirst ?? plan.steps[0];
  const result = step && resultOf(step);
  // What was there already was never tried.
  const adopted = dryRun.length === 0 && changeSet.steps.every(({ state }) => state === 'applied');
  const refused = dryRun.filter((entry) => entry.outcome === 'refused').length;
  if (step === undefined)
    return (
      <ReviewSection title="Objects" testId="objects">
        <p className="text-sm text-ink-3">Nothing is to be changed: the clusters are as the intents say.</p>
      </ReviewSection>
    );
  return (
    <ReviewSection
      testId="objects"
      title={`${plural(plan.steps.length, 'object')} in ${plural(clusters.length, 'cluster')}`}
      aside={
        <span className="flex items-center gap-3">
          {!adopted && <DryRunSummary refused={refused} total={dryRun.length} steps={plan.steps.length} />}
          <DiffModes mode={mode} onChange={setMode} />
        </span>
      }
    >
      <div className="grid h-[380px] grid-cols-[228px_minmax(0,1fr)] overflow-hidden rounded-lg border border-line">
        <nav
          aria-label="Objects by cluster"
          className="overflow-y-auto border-r border-line bg-sunken/60 py-1.5"
        >
          {clusters.map(([cluster, steps]) => (
            <div key={cluster} className="mb-2">
              <p className="px-3 py-1 text-2xs font-medium text-ink-3">{cluster}</p>
              {steps.map((entry) => (
                <StepRow
                  key={entry.id}
                  step={entry}
                  result={resultOf(entry)}
                  here={entry.id === step.id}
                  onChoose={() => setChosen(entry.id)}
                />
              ))}
            </div>
          ))}
        </nav>
        <div className="flex min-w-0 flex-col">
          <p className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-3 font-mono text-2xs text-ink-3">
            <FileDiff className="size-3.5" aria-hidden />
            <span className="truncate">
              {step.cluster} / {step.object.namespace ? `${step.object.namespace} / ` : ''}
              {step.object.kind} / {step.object.name}
            </span>
          </p>
          {result?.outcome === 'refused' && <Refused step={step} result={result} />}
          <div className="min-h-0 flex-1 overflow-auto" data-testid="yaml-diff">
            <YamlDiff
              before={step.before}
              after={step.after}
              mode={mode}
              label={`Diff of ${step.object.kind} ${step.object.name}`}
            />
          </div>
        </div>
      </div>
    </ReviewSection>
  );
}

const ACTIONS = {
  create: { icon: Plus, text: 'create' },
  update: { icon: Pencil, text: 'update' },
  delete: { icon: Minus, text: 'delete' },
  mint: { icon: KeyRound, text: 'make a token' },
  forget: { icon: Minus, text: 'take the token away' },
} as const;

function StepRow({
  step,
  result,
  here,
  onChoose,
}: {
  step: PlanStep;
  result: StepDryRun | undefined;
  here: boolean;
  onChoose: () => void;
}) {
  const { icon: Icon, text } = ACTIONS[step.action];
  return (
    <button
      type="button"
      onClick={onChoose}
      aria-current={here || undefined}
      data-testid="plan-step"
      data-step={step.id}
      data-action={step.action}
      className={cn(
        'flex w-full items-center gap-2 px-3 py-1.5 text-left outline-offset-[-2px] transition-colors',
        here ? 'bg-active' : 'hover:bg-hover',
      )}
    >
      <Icon className="size-3.5 shrink-0 text-ink-2" aria-label={text} />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-xs font-medium">
          {step.token === undefined ? step.object.name : `Token for ${step.token.issuer}`}
        </span>
        <span className="block truncate text-2xs text-ink-3">
          {step.object.kind}
          {step.object.namespace !== undefined && ` in ${step.object.namespace}`}
        </span>
      </span>
      {result?.outcome === 'ok' && (
        <CircleCheck className="size-3.5 shrink-0 text-ink-3" aria-label="dry-run passed" />
      )}
      {result?.outcome === 'refused' && (
        <OctagonAlert className="size-3.5 shrink-0 text-fail" aria-label="dry-run refused" />
      )}
    </button>
  );
}

function DryRunSummary({ refused, total, steps }: { refused: number; total: number; steps: number }) {
  const text =
    refused > 0
      ? `Dry-run: ${refused} refused`
      : total < steps
        ? `Dry-run: ${total} of ${steps} answered`
        : 'Dry-run passed in every cluster';
  return (
    <span
      data-testid="dry-run"
      className={cn('flex items-center gap-1.5 text-xs', refused > 0 ? 'text-fail-ink' : 'text-ink-3')}
    >
      {refused > 0 ? (
        <OctagonAlert className="size-3.5" aria-hidden />
      ) : (
        <CircleCheck className="size-3.5" aria-hidden />
      )}
      {text}
    </span>
  );
}

function Refused({ step, result }: { step: PlanStep; result: Extract<StepDryRun, { outcome: 'refused' }> }) {
  const { refusal } = result;
  return (
    <Notice
      tone="fail"
      title={`${REASONS[refusal.code].title}: ${step.cluster}`}
      testId="dry-run-refused"
      className="m-2 shrink-0"
    >
      {refusal.detail || REASONS[refusal.code].text}. {REASONS[refusal.code].next}.
    </Notice>
  );
}
