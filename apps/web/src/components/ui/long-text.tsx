'use client';
import { Fragment, useState } from 'react';
import { cn } from '../../lib/cn.ts';
import { cutText, valueText, visibleText } from '../../lib/cut-text.ts';
import { Button } from './button.tsx';
import { Copy } from './copy.tsx';

/** What is shown of a text at first, and once a person asks for more. */
const FIRST = 160;
const MOST = 20_000;

const LOOK = 'font-mono wrap-anywhere whitespace-pre-wrap';

/** A text of any length that somebody else wrote, in mono. A long one is cut until it is asked for. */
export function LongText({ text, label }: { text: string; label: string }) {
  const [open, setOpen] = useState(false);
  if (text.length <= FIRST)
    return (
      <code className={LOOK}>
        <Breakable text={visibleText(text)} />
      </code>
    );
  const shown = text.length > MOST ? `the first ${MOST} of ${text.length}` : `all ${text.length}`;
  const says = open ? 'Show less' : `Show ${shown} characters`;
  return (
    <div className="min-w-0">
      {open ? (
        <pre
          tabIndex={0}
          role="region"
          aria-label={label}
          className={cn(LOOK, 'max-h-60 overflow-auto rounded-md border border-line bg-sunken p-2')}
        >
          {visibleText(cutText(text, MOST))}
        </pre>
      ) : (
        <code className={LOOK}>{visibleText(cutText(text, FIRST))}</code>
      )}
      <span className="mt-1 flex items-center gap-1">
        <Button
          size="sm"
          look="ghost"
          className="-ml-2 h-auto min-h-6 shrink px-2 text-left text-2xs whitespace-normal"
          aria-expanded={open}
          aria-label={`${says}: ${label}`}
          onClick={() => setOpen(!open)}
        >
          {says}
        </Button>
        <Copy text={text} label={`Copy ${label}`} />
      </span>
    </div>
  );
}

/** Paths break after their parts, where they must. */
function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[./,])|(?=\[)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

/** A field's value; one that is not there is said. */
export function FieldValue({ value, label }: { value: unknown; label: string }) {
  if (value === undefined) return <span className="text-ink-3">not set</span>;
  return <LongText text={valueText(value)} label={label} />;
}
