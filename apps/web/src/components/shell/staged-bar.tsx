'use client';
import { Redo2, Trash2, Undo2 } from 'lucide-react';
import { describeIntent } from '../../staging/describe-intent.ts';
import { useStaging } from '../../staging/staging-store.ts';
import { plural } from '../../lib/format.ts';
import { useReview } from '../../lib/url-state.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useModKey } from '../../state/use-mod-key.ts';
import { useUi } from '../../state/ui-store.ts';
import { Button } from '../ui/button.tsx';
import { Tip } from '../ui/tip.tsx';

/** What is staged: undone, redone, discarded, reviewed. Nothing here has touched a cluster. */
export function StagedBar() {
  const { edits, intents, draftId, draft, undo, redo, discard } = useStaging();
  const [review, setReview] = useReview();
  const blocked = useBlocked();
  const modKey = useModKey();
  if (review !== null || (intents.length === 0 && edits.future.length === 0)) return null;
  const unsaved =
    draft.kind === 'failed'
      ? draft.message
      : draftId === undefined || draft.kind === 'saving'
        ? 'The change is being planned'
        : undefined;
  return (
    <section
      aria-label="Staged changes"
      data-testid="staged-bar"
      className="absolute bottom-5 left-1/2 z-20 flex max-w-[calc(100%-2rem)] -translate-x-1/2 items-center gap-1 rounded-xl border border-line-strong bg-panel p-1.5 pl-3.5 shadow-float motion-safe:animate-[staged-in_180ms_ease-out]"
    >
      <span className="size-2 shrink-0 rounded-full bg-staged" aria-hidden />
      <Tip
        text={
          <ul>
            {intents.map((intent, index) => (
              <li key={index}>{describeIntent(intent)}</li>
            ))}
          </ul>
        }
      >
        <button type="button" className="mr-1 ml-1.5 flex min-w-0 flex-col items-start text-left">
          <span className="text-sm font-semibold whitespace-nowrap" data-testid="staged-count">
            {intents.length === 0 ? 'Nothing staged' : plural(intents.length, 'staged change')}
          </span>
          {intents.length > 0 && (
            <span className="max-w-72 truncate text-xs text-ink-3 max-lg:hidden">
              {draft.kind === 'failed' ? `Not saved: ${draft.message}` : edits.past.at(-1)?.label}
            </span>
          )}
        </button>
      </Tip>
      <Button
        look="ghost"
        size="icon"
        tip={`Undo (${modKey} Z)`}
        data-testid="undo"
        blocked={edits.past.length === 0 ? 'Nothing to undo' : undefined}
        onClick={undo}
      >
        <Undo2 />
      </Button>
      <Button
        look="ghost"
        size="icon"
        tip={`Redo (${modKey} Shift Z)`}
        data-testid="redo"
        blocked={edits.future.length === 0 ? 'Nothing to redo' : undefined}
        onClick={redo}
      >
        <Redo2 />
      </Button>
      <Button
        look="ghost"
        size="icon"
        tip="Discard all"
        data-testid="discard"
        blocked={intents.length === 0 ? 'Nothing to discard' : undefined}
        onClick={() => {
          discard();
          useUi.getState().announce('Staged changes discarded.');
        }}
      >
        <Trash2 />
      </Button>
      <Button
        look="staged"
        data-testid="review"
        className="ml-1"
        blocked={intents.length === 0 ? 'Nothing is staged' : (blocked ?? unsaved)}
        onClick={() => void setReview(draftId ?? null)}
      >
        Review
      </Button>
    </section>
  );
}
