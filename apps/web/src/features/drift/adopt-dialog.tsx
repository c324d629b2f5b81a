'use client';
import type { DriftDetail } from '@flatland/bff/api/drift';
import type { DriftedField, DriftedObject } from '@flatland/shared/plan/drift';
import { useQueries } from '@tanstack/react-query';
import { CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { cutText, valueText, visibleText } from '../../lib/cut-text.ts';
import { plural } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { isDrifted, objectName, objectPlace, shortened } from './drift-words.ts';
import { useDriftActions } from './use-drift-actions.ts';

const PAGE = 20;
const MOST_FIELDS = 5;
const MOST_OF_A_VALUE = 60;

/** Shows what is there of several objects before it is adopted: exactly that becomes what is wanted, as one change set. */
export function AdoptDialog({
  objects,
  onClose,
  onOpen,
}: {
  objects: readonly DriftedObject[];
  onClose: () => void;
  onOpen: (changeSet: string) => void;
}) {
  const trpc = useTRPC();
  const { adopt, blocked } = useDriftActions(onOpen);
  const [most, setMost] = useState(PAGE);
  const answers = useQueries({
    queries: objects.map(({ id }) => trpc.drift.get.queryOptions({ id }, { staleTime: 0 })),
  });
  const details = answers.flatMap(({ data }) => data ?? []);
  const waiting = answers.filter(({ isFetching }) => isFetching).length;
  const ready = details.filter((detail) => detail.current && isDrifted(detail));
  const left = objects.length - ready.length;
  const why =
    blocked ??
    (waiting > 0
      ? `${waiting} of ${objects.length} are still being looked at`
      : ready.length === 0
        ? 'None of them can be adopted now'
        : undefined);
  return (
    <Dialog
      open
      onClose={onClose}
      testId="adopt-dialog"
      className="w-[680px]"
      title={`Adopt ${plural(objects.length, 'object')}?`}
      description="What is there becomes what is wanted, as one change set that can be reverted. Nothing is written to a cluster."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="solid"
            data-testid="adopt-confirm"
            blocked={why}
            onClick={() => adopt.mutate({ objects: ready.map(({ id, seen }) => ({ id, seen })) })}
          >
            <CheckCheck /> {waiting > 0 ? 'Looking…' : `Adopt ${plural(ready.length, 'object')}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2" aria-busy={waiting > 0}>
        {waiting === 0 && left > 0 && (
          <Notice tone="warn" title={`${plural(left, 'object')} left out`} testId="adopt-left-out">
            They are as applied again, or their clusters do not answer.
          </Notice>
        )}
        <ul className="divide-y divide-line rounded-lg border border-line">
          {ready.slice(0, most).map((detail) => (
            <Row key={detail.id} detail={detail} />
          ))}
        </ul>
        {ready.length > most && (
          <Button size="sm" look="ghost" onClick={() => setMost(most + PAGE)}>
            Show {Math.min(PAGE, ready.length - most)} of {ready.length - most} more
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Row({ detail: { object, how, fields } }: { detail: DriftDetail }) {
  const drifted = fields.filter((field) => field.drifted);
  return (
    <li data-testid="adopt-object" className="px-3 py-2 text-sm">
      <p className="flex items-center gap-2">
        <span className="min-w-0 truncate font-medium">{objectName(object)}</span>
        <span className="min-w-0 flex-1 truncate text-xs text-ink-3">{objectPlace(object)}</span>
        {how === 'deleted' && <Badge tone="warn">deleted</Badge>}
      </p>
      {drifted.slice(0, MOST_FIELDS).map((field) => (
        <p key={field.path} className="mt-0.5 font-mono text-xs wrap-anywhere text-ink-2">
          {shortened(field.path)}: {short(field.applied)} → {short(field.live)}
        </p>
      ))}
      {drifted.length > MOST_FIELDS && (
        <p className="mt-0.5 text-xs text-ink-3">and {plural(drifted.length - MOST_FIELDS, 'more field')}</p>
      )}
    </li>
  );
}

function short(value: DriftedField['live']): string {
  return value === undefined ? 'not set' : visibleText(cutText(valueText(value), MOST_OF_A_VALUE));
}
