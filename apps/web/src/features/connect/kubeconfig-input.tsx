'use client';
import { Upload } from 'lucide-react';
import { useId, useRef } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { inputClass } from '../../components/ui/field.tsx';
import { cn } from '../../lib/cn.ts';

/** A kubeconfig: pasted, or of a file. */
export function KubeconfigInput({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const read = async (list: FileList | null) => {
    const [chosen] = list ?? [];
    if (chosen !== undefined) onChange(await chosen.text());
    // so that the same file, once corrected, can be chosen again
    if (file.current !== null) file.current.value = '';
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-end justify-between gap-3">
        <label htmlFor={id} className="text-xs font-medium text-ink-2">
          Kubeconfig
        </label>
        <Button size="sm" onClick={() => file.current?.click()}>
          <Upload /> Choose a file…
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          data-testid="kubeconfig-file"
          aria-label="Kubeconfig file"
          onChange={(event) => void read(event.target.files)}
        />
      </div>
      <textarea
        id={id}
        data-testid="kubeconfig-text"
        value={text}
        rows={6}
        spellCheck={false}
        autoComplete="off"
        placeholder="Paste it: kubectl config view --minify --flatten"
        onChange={(event) => onChange(event.target.value)}
        className={cn(inputClass, 'h-auto resize-y py-2 font-mono text-xs')}
      />
      <p className="text-xs text-ink-3">
        Read by this console alone. Nothing in it is run, and no file that it names is opened.
      </p>
    </div>
  );
}
