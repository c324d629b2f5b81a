'use client';
import { useLive } from '../../live/live-store.ts';
import { ageText } from '../../lib/format.ts';
import { useNow } from '../../state/use-now.ts';

/** Whether what is shown is current, and how old it is where not. */
export function ConnectionBadge() {
  const connection = useLive((live) => live.connection);
  const now = useNow();
  const look = {
    live: { dot: 'bg-ink', text: 'Live', ring: true },
    connecting: { dot: 'bg-ink-3', text: 'Connecting', ring: false },
    lost: { dot: 'bg-warn', text: 'Lost', ring: false },
    'signed-out': { dot: 'bg-fail', text: 'Signed out', ring: false },
  }[connection.kind];
  const text = connection.kind === 'lost' ? `Data from ${ageText(now - connection.sinceMs)}` : look.text;
  return (
    <span
      role="status"
      data-testid="connection"
      data-state={connection.kind}
      className="flex h-8 items-center gap-2 px-1 text-xs font-medium text-ink-2"
    >
      <span className="relative flex size-2">
        {look.ring && (
          <span className="absolute inset-0 animate-ping rounded-full bg-ink/40 [animation-duration:2.4s]" />
        )}
        <span className={`relative size-2 rounded-full ${look.dot}`} />
      </span>
      {text}
    </span>
  );
}
