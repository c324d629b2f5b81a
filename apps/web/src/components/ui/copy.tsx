'use client';
import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';

/** Copies a text. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  return (
    <Button
      look="ghost"
      size="icon-sm"
      tip={done ? 'Copied' : label}
      className="size-5 [&_svg]:size-3"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1500);
        });
      }}
    >
      {done ? <Check /> : <CopyIcon />}
    </Button>
  );
}
