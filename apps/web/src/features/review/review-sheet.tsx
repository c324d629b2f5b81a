'use client';
import { useEffect, useRef } from 'react';
import { X } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { useReview } from '../../lib/url-state.ts';
import { ChangeSetView } from './change-set-view.tsx';

/** The review beside the map, so that its effect is seen there. */
export function ReviewSheet() {
  const [id, setId] = useReview();
  const sheet = useRef<HTMLElement>(null);
  useEffect(() => {
    if (id !== null) sheet.current?.focus();
  }, [id]);
  if (id === null) return null;
  const close = () => void setId(null);
  return (
    <aside
      ref={sheet}
      tabIndex={-1}
      aria-label="Review"
      data-testid="review-sheet"
      onKeyDown={(event) => event.key === 'Escape' && close()}
      className="z-30 flex flex-col border-l border-line bg-panel outline-none max-xl:absolute max-xl:inset-y-0 max-xl:right-0 max-xl:w-[min(720px,74%)] max-xl:shadow-float xl:w-[min(720px,56%)] xl:shrink-0 motion-safe:animate-[sheet-in_180ms_ease-out]"
    >
      <ChangeSetView
        id={id}
        onClose={close}
        onOpen={(next) => void setId(next)}
        closeButton={
          <Button
            look="ghost"
            size="icon"
            aria-label="Close the review"
            data-testid="review-close"
            onClick={close}
          >
            <X />
          </Button>
        }
      />
    </aside>
  );
}
