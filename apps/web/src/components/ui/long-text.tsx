'use client';
import { useState } from 'react';
import { cn } from '../../lib/cn.ts';
import { cutText, valueText, visibleText } from '../../lib/cut-text.ts';
import { Button } from './button.tsx';
import { Copy } from './copy.tsx';

/** What is shown of a text at first, and once a person asks for more. */
const FIRST = 160;
const MOST = 20_000;

/** A text of any length that somebody else wrote, in mono. A long one is cut until it is asked for. */
export function LongText({ text, label, className }: { text: string; label: string; className?: string }) {
  const [open, setOpen] = useState(false);
  if (text.length <= FIRST)
    return (
      <code className={cn('font-mono wrap-anywhere whitespace-pre-wrap', className)}>
        {visibleText(text)}
      </code>
    );
  return (
    <div className="min-w-0">
      {open ? (
        <pre
          tabIndex={0}
          role="region"
          aria-label={label}
          className={cn(
            'max-h-60 overflow-auto rounded-md border border-line bg-sunken p-2 font-mono wrap-anywhere whitespace-pre-wrap',
            className,
          )}
        >
          {visibleText(cutText(text, MOST))}
        </pre>
      ) : (
        <code className={cn('font-mono wrap-anywhere whitespace-pre-wrap', className)}>
          {visibleText(cutText(text, FIRST))}
        </code>
      )}
      <span className="mt-1 flex items-center gap-1 text-2xs text-ink-3">
        {open && text.length > MOST && `The first ${MOST} of ${text.length} characters`}
        <Button
          size="sm"
          look="ghost"
          className="-ml-2 h-6 px-2 text-2xs"
          aria-expanded={open}
          aria-label={`${open ? 'Show less' : 'Show all'} of ${label}`}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Show less' : `Show all ${text.length} characters`}
        </Button>
        <Copy text={text} label={`Copy ${label}`} />
      </span>
    </div>
  );
}

/** A field's value; one that is not there is said. */
export function FieldValue({ value, label }: { value: unknown; label: string }) {
  if (value === undefined) return <span className="text-ink-3">not set</span>;
  return <LongText text={valueText(value)} label={label} />;
}
