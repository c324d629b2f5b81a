'use client';
import { Dialog } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

interface CommandListProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly label: string;
  readonly placeholder: string;
  readonly before?: ReactNode;
  readonly children: ReactNode;
  readonly testId: string;
  readonly search?: string;
  readonly onSearch?: (text: string) => void;
}

/** A list that is searched by typing: the palette, and the picker of targets. */
export function CommandList({
  open,
  onClose,
  label,
  placeholder,
  before,
  children,
  testId,
  search,
  onSearch,
}: CommandListProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/25 transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0 dark:bg-black/50" />
        <Dialog.Popup
          initialFocus={input}
          aria-label={label}
          data-testid={testId}
          className="fixed top-[14vh] left-1/2 z-50 w-[580px] max-w-[calc(100vw-2rem)] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-panel shadow-float transition-[opacity,scale] duration-100 data-ending-style:opacity-0 data-starting-style:scale-[0.985] data-starting-style:opacity-0"
        >
          <Command label={label} loop filter={matches}>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search className="size-4 shrink-0 text-ink-3" aria-hidden />
              {before}
              <Command.Input
                ref={input}
                placeholder={placeholder}
                {...(search === undefined ? {} : { value: search })}
                {...(onSearch === undefined ? {} : { onValueChange: onSearch })}
                className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
              />
            </div>
            <Command.List className="max-h-[52vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-sm text-ink-3">
                Nothing is called so.
              </Command.Empty>
              {children}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A group of choices. */
export function CommandGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3"
    >
      {children}
    </Command.Group>
  );
}

/** A choice. Where it is refused, the reason stands beside it. */
export function CommandItem({
  value,
  keywords,
  onSelect,
  icon,
  children,
  aside,
  refused,
  testId,
}: {
  value: string;
  keywords?: string[];
  onSelect: () => void;
  icon?: ReactNode;
  children: ReactNode;
  aside?: ReactNode;
  refused?: string | undefined;
  testId?: string;
}) {
  return (
    <Command.Item
      value={value}
      {...(keywords ? { keywords } : {})}
      disabled={refused !== undefined}
      onSelect={onSelect}
      data-testid={testId}
      data-value-id={value}
      className={cn(
        'flex min-h-9 items-center gap-2.5 rounded-md px-2.5 py-1 text-sm text-ink select-none data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:text-ink-3',
        refused !== undefined && 'text-ink-3',
      )}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <span className="max-w-64 shrink-0 truncate text-xs text-ink-3">{refused ?? aside}</span>
    </Command.Item>
  );
}

/** Every word must occur; earlier is better. */
function matches(value: string, search: string, keywords?: string[]): number {
  const text = `${value} ${keywords?.join(' ') ?? ''}`.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  const name = (keywords?.[0] ?? value).toLowerCase();
  const first = words[0] ?? '';
  return name.startsWith(first) ? 1 : name.includes(first) ? 0.8 : 0.5;
}
