'use client';
import { refusalText } from '@flatland/shared/reason/reasons';
import { PlusCircle } from 'lucide-react';
import { useState } from 'react';
import { DomainSign, useHues } from '../../components/domain/domain-chip.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { workloadParts } from '../../graph/model/element-key.ts';
import { cn } from '../../lib/cn.ts';
import { plural } from '../../lib/format.ts';
import { useStage } from '../../state/use-connect.ts';
import { useUi, type Asking } from '../../state/ui-store.ts';

/** Two workloads were connected: which domain? Lists everyone else that each would reach. */
export function ChooseDomain({
  asking,
  onClose,
}: {
  asking: Extract<Asking, { kind: 'choose-domain' }>;
  onClose: () => void;
}) {
  const hues = useHues();
  const stage = useStage();
  const firstLegal = asking.options.find((option) => option.refusal === undefined)?.domain;
  const [chosen, setChosen] = useState<string | undefined>(firstLegal);
  const option = asking.options.find((candidate) => candidate.domain === chosen);
  const source = workloadParts(asking.source).name;
  const target = workloadParts(asking.target).name;
  const confirm = () => {
    if (option === undefined) return;
    const [first] = option.intents;
    if (option.domain === 'new' && first?.kind === 'create-domain') {
      useUi.getState().ask({ kind: 'new-domain', members: first.members, suggestion: first.domain });
      return;
    }
    stage(option.intents);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      testId="choose-domain"
      title={`Connect ${source} and ${target}`}
      description="A domain connects everyone in it. Choose by which one they should reach each other."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="staged"
            data-testid="choose-domain-confirm"
            blocked={option === undefined ? 'Choose a domain' : undefined}
            onClick={confirm}
          >
            {chosen === 'new' ? 'Name the domain…' : 'Stage'}
          </Button>
        </>
      }
    >
      <div role="radiogroup" aria-label="Domain" className="flex flex-col gap-2">
        {asking.options.map((entry) => {
          const isNew = entry.domain === 'new';
          const names = entry.alsoReaches.map((id) => workloadParts(id).name);
          return (
            <label
              key={entry.domain}
              data-testid={`option-${entry.domain}`}
              className={cn(
                'flex gap-3 rounded-lg border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
                chosen === entry.domain
                  ? 'border-staged bg-staged-soft'
                  : 'border-line hover:border-line-strong',
                entry.refusal !== undefined && 'opacity-70',
              )}
            >
              <input
                type="radio"
                name="domain"
                className="sr-only"
                checked={chosen === entry.domain}
                disabled={entry.refusal !== undefined}
                onChange={() => setChosen(entry.domain)}
              />
              <span className="mt-1.5 w-4 shrink-0">
                {isNew ? (
                  <PlusCircle className="-mt-1 size-4 text-ink-3" aria-hidden />
                ) : (
                  <DomainSign hue={hues.get(entry.domain)} />
                )}
              </span>
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{isNew ? 'A new domain' : entry.domain}</span>
                <span className={cn('block text-xs', entry.refusal ? 'text-fail-ink' : 'text-ink-3')}>
                  {entry.refusal
                    ? refusalText(entry.refusal)
                    : names.length === 0
                      ? 'Nobody else is in it'
                      : `Also reaches ${plural(names.length, 'workload')}: ${names.join(', ')}`}
                </span>
              </span>
            </label>
          );
        })}
      </div>
    </Dialog>
  );
}
