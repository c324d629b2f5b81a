'use client';
import type { ChangeSet } from '@flatland/bff/api/change-set';
import { useState, type ReactNode } from 'react';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { NotThereYet } from '../../components/ui/not-there-yet.tsx';
import { timeText } from '../../lib/format.ts';
import { useNow } from '../../state/use-now.ts';
import { ApplyRows } from './apply-rows.tsx';
import { Cuts } from './cuts.tsx';
import { EffectList } from './effect-list.tsx';
import { Conflicts } from './conflicts.tsx';
import type { Choices } from './field-choices.ts';
import { GitNotice } from './git-notice.tsx';
import { LinkTokens } from './link-tokens.tsx';
import { Objects } from './objects.tsx';
import { Proofs } from './proofs.tsx';
import { ReviewFooter } from './review-footer.tsx';
import { RefusalList, WarningList } from './refusals.tsx';
import { ResolveButton } from './resolve-button.tsx';
import { useConflicts } from './use-conflicts.ts';
import { useChangeSet } from './use-change-set.ts';

interface Props {
  readonly id: string;
  readonly onClose: () => void;
  /** Opens another change set: a new plan, or the inverse of this one. */
  readonly onOpen: (id: string) => void;
  readonly closeButton?: ReactNode;
}

/** A change set from draft to proof: what it does, to whom, by which objects, and how far it is. */
export function ChangeSetView({ id, onClose, onOpen, closeButton }: Props) {
  const { changeSet, summary, error, refetch } = useChangeSet(id);
  const [acknowledged, setAcknowledged] = useState<ReadonlySet<string>>(new Set());
  const [choices, setChoices] = useState<Choices>(new Map());
  const conflicts = useConflicts(changeSet);
  if (changeSet === undefined || summary === undefined)
    return <NotThereYet error={error} onRetry={refetch} closeButton={closeButton} />;
  const { plan } = changeSet.planned;
  const begun = summary.state !== 'draft' && summary.state !== 'planned' && summary.state !== 'expired';
  return (
    <>
      <Header changeSet={changeSet} state={summary.state} closeButton={closeButton} />
      <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-5 py-4 *:shrink-0">
        <p
          className="text-lg leading-snug font-medium tracking-tight text-balance"
          data-testid="plan-sentence"
        >
          {plan.sentence}
        </p>
        {begun && <ApplyRows summary={summary} steps={changeSet.steps} />}
        {begun && <Proofs changeSet={changeSet} />}
        <RefusalList plan={plan} />
        <GitNotice plan={plan} />
        {!begun && (
          <WarningList
            warnings={plan.warnings}
            acknowledged={acknowledged}
            onAcknowledge={(code, on) => setAcknowledged(toggled(acknowledged, code, on))}
          />
        )}
        {!begun && <Cuts intents={changeSet.intents} />}
        <EffectList effect={plan.effect} />
        <Conflicts
          conflicts={conflicts}
          choices={choices}
          onChoose={(keys, choice) =>
            setChoices(new Map([...choices, ...keys.map((key) => [key, choice] as const)]))
          }
          action={begun && <ResolveButton id={id} conflicts={conflicts} choices={choices} />}
        />
        <LinkTokens plan={plan} />
        <Objects changeSet={changeSet} />
      </div>
      <ReviewFooter
        changeSet={changeSet}
        summary={summary}
        acknowledged={acknowledged}
        conflicts={conflicts}
        choices={choices}
        onClose={onClose}
        onOpen={onOpen}
      />
    </>
  );
}

function Header({
  changeSet,
  state,
  closeButton,
}: {
  changeSet: ChangeSet;
  state: ChangeSet['summary']['state'];
  closeButton: ReactNode;
}) {
  const now = useNow();
  const { summary, planned } = changeSet;
  return (
    <header className="flex shrink-0 items-center gap-3 border-b border-line px-5 py-3">
      <div className="min-w-0 flex-1">
        <h2 className="truncate text-base font-semibold" data-testid="change-set-title">
          {summary.title}
        </h2>
        <p className="truncate text-xs text-ink-3">
          {summary.person}, {timeText(summary.createdAtMs, now)}
          {summary.revertOf !== undefined && ', undoes an earlier change'} · planned{' '}
          {timeText(planned.plannedAtMs, now)}
        </p>
      </div>
      <StateBadge state={state} />
      {closeButton}
    </header>
  );
}

/** State of a change set in one word. */
export function StateBadge({ state }: { state: ChangeSet['summary']['state'] }) {
  const tones: Record<typeof state, Tone> = {
    draft: 'staged',
    planned: 'staged',
    applying: 'plain',
    applied: 'plain',
    proved: 'strong',
    partial: 'warn',
    reverted: 'plain',
    expired: 'plain',
  };
  return (
    <Badge tone={tones[state]} data-testid="change-set-state">
      {state}
    </Badge>
  );
}

function toggled(set: ReadonlySet<string>, item: string, on: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (on) next.add(item);
  else next.delete(item);
  return next;
}
