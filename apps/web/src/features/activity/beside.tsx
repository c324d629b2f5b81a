'use client';
import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from '../../components/ui/button.tsx';

/** What is opened beside a list. It takes the focus where what had it is gone, and Escape closes it. */
export function Beside({
  label,
  testId,
  onClose,
  children,
}: {
  label: string;
  testId: string;
  onClose: () => void;
  children: (closeButton: ReactNode) => ReactNode;
}) {
  const aside = useRef<HTMLElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) aside.current?.focus();
  }, []);
  return (
    <aside
      ref={aside}
      tabIndex={-1}
      aria-label={label}
      data-testid={testId}
      onKeyDown={(event) => {
        // What opens above it, a menu or a dialog, has an Escape of its own.
        if (event.key === 'Escape' && event.currentTarget.contains(event.target as Node)) onClose();
      }}
      className="flex w-[min(820px,62%)] shrink-0 flex-col border-l border-line bg-panel outline-none"
    >
      {children(
        <Button look="ghost" size="icon" aria-label={`Close the ${label.toLowerCase()}`} onClick={onClose}>
          <X />
        </Button>,
      )}
    </aside>
  );
}
