'use client';
import type { DriftDetail as Detail } from '@flatland/bff/api/drift';
import { GIT_ENGINE_TITLES } from '@flatland/shared/plan/git-owner';
import { REASONS } from '@flatland/shared/reason/reasons';
import { useQuery } from '@tanstack/react-query';
import { CheckCheck, RotateCcw, ShieldCheck } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Empty } from '../../components/ui/empty.tsx';
import { NotThereYet } from '../../components/ui/not-there-yet.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { timeText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { ObjectDiff } from '../review/object-diff.tsx';
import { ReviewSection } from '../review/section.tsx';
import { DriftFields } from './drift-fields.tsx';
import { driftSentence, isDrifted, objectName, objectPlace } from './drift-words.ts';
import { useDriftActions } from './use-drift-actions.ts';

/** How often an object is looked at again while a person decides: the stream tells of other fields, not of other values. */
const REFETCH_MS = 3000;

interface Props {
  readonly id: string;
  readonly onClose: () => void;
  /** Opens a change set: that which applied it, or one that adopts or restores. */
  readonly onOpen: (changeSet: string) => void;
  readonly closeButton: ReactNode;
}

/** An object that is not what was applied: what was, what is, who made it so, and what to do. */
export function DriftDetail({ id, onClose, onOpen, closeButton }: Props) {
  const trpc = useTRPC();
  const query = useQuery(trpc.drift.get.queryOptions({ id }, { staleTime: 0, refetchInterval: REFETCH_MS }));
  const { refetch } = query;
  const told = useLive((live) => live.drifted.find((drifted) => drifted.id === id));
  useEffect(() => void refetch(), [told, refetch]);
  const detail = query.data;
  if (detail === undefined)
    return <NotThereYet error={query.error} onRetry={() => void refetch()} closeButton={closeButton} />;
  return (
    <>
      <Header detail={detail} onOpen={onOpen} closeButton={closeButton} />
      {isDrifted(detail) ? (
        <>
          <Body detail={detail} />
          <Footer detail={detail} onOpen={onOpen} />
        </>
      ) : (
        <Empty
          testId="no-longer-drifted"
          icon={ShieldCheck}
          title="It is as it was applied"
          why="Somebody put it back, or a change set wants what is there."
          next={<Button onClick={onClose}>Close</Button>}
        />
      )}
    </>
  );
}

function Header({
  detail: { object, appliedBy, appliedAtMs, changeSet, git, how },
  onOpen,
  closeButton,
}: {
  detail: Detail;
  onOpen: (changeSet: string) => void;
  closeButton: ReactNode;
}) {
  const now = useNow();
  return (
    <header className="flex shrink-0 items-center gap-3 border-b border-line px-5 py-3">
      <div className="min-w-0 flex-1">
        <h2 className="truncate text-base font-semibold" data-testid="drift-title">
          {objectName(object)} <span className="font-normal text-ink-3">{objectPlace(object)}</span>
        </h2>
        <p className="flex min-w-0 gap-1 text-xs text-ink-3">
          <span className="shrink-0">
            Applied by {appliedBy.person}, {timeText(appliedAtMs, now)}:
          </span>
          <button
            type="button"
            data-testid="drift-applied-by"
            className="min-w-0 truncate underline underline-offset-2 hover:text-ink"
            onClick={() => onOpen(changeSet)}
          >
            {appliedBy.title}
          </button>
        </p>
      </div>
      {git !== undefined && <Badge>{GIT_ENGINE_TITLES[git]}</Badge>}
      <Badge tone="warn" data-testid="drift-how">
        {how}
      </Badge>
      {closeButton}
    </header>
  );
}

function Body({ detail }: { detail: Detail }) {
  const now = useNow();
  const { object, fields, applied, live, current, git } = detail;
  const drifted = fields.filter((field) => field.drifted);
  const added = fields.filter((field) => !field.drifted);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-5 py-4 *:shrink-0">
      <p
        className="text-lg leading-snug font-medium tracking-tight text-balance"
        data-testid="drift-sentence"
      >
        {driftSentence(detail)}
      </p>
      {!current && (
        <Notice tone="warn" title={`${object.cluster} does not answer`} testId="drift-not-current">
          This is the object as it was last seen. It can be adopted or restored once its cluster answers.
        </Notice>
      )}
      {git !== undefined && (
        <Notice tone="info" title={`${GIT_ENGINE_TITLES[git]} keeps this object`} testId="drift-git">
          {REASONS['git-owned'].text}. Restoring it exports files for Git; adopting it writes nothing.
        </Notice>
      )}
      {drifted.length > 0 && (
        <ReviewSection testId="drift-fields" title="Not as applied">
          <DriftFields label="Fields that are not as applied" fields={drifted} nowMs={now} />
        </ReviewSection>
      )}
      {added.length > 0 && (
        <ReviewSection testId="drift-added" title="Added by others: no drift, and restoring keeps it">
          <DriftFields label="Fields that others added" fields={added} nowMs={now} />
        </ReviewSection>
      )}
      <ObjectDiff title="Whole object, applied and now" object={object} before={applied} after={live} />
    </div>
  );
}

function Footer({ detail, onOpen }: { detail: Detail; onOpen: (changeSet: string) => void }) {
  const { adopt, restore, blocked } = useDriftActions(onOpen);
  const { id, object, seen, current, how } = detail;
  const why = blocked ?? (current ? undefined : `${object.cluster} does not answer`);
  return (
    <footer className="flex shrink-0 items-center gap-2 border-t border-line px-5 py-3">
      <p className="min-w-0 flex-1 text-xs text-ink-3">
        {how === 'deleted'
          ? 'Adopt: it is wanted no more. Restore: a change that makes it again, which you review first.'
          : 'Adopt: what is there is wanted, nothing is written. Restore: a change that puts back what was applied, which you review first.'}
      </p>
      <Button
        data-testid="drift-adopt"
        blocked={why}
        onClick={() => adopt.mutate({ objects: [{ id, seen }] })}
      >
        <CheckCheck /> Adopt
      </Button>
      <Button
        look="solid"
        data-testid="drift-restore"
        blocked={why}
        onClick={() => restore.mutate({ ids: [id] })}
      >
        <RotateCcw /> Restore…
      </Button>
    </footer>
  );
}
