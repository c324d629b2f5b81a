'use client';
import { nsmExport } from '@flatland/shared/manifest/nsm/nsm-export';
import { REASONS } from '@flatland/shared/reason/reasons';
import { Download, Share } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { useLive } from '../../live/live-store.ts';
import { downloadFiles } from '../review/download-files.ts';

/** Opens the export of a domain to Network Service Mesh. */
export function ExportNsm({ domain, staged }: { domain: string; staged: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="sm"
        data-testid="export-nsm"
        blocked={staged ? 'The domain is only staged' : undefined}
        onClick={() => setOpen(true)}
      >
        <Share /> Export…
      </Button>
      {open && <ExportDialog domain={domain} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ domain, onClose }: { domain: string; onClose: () => void }) {
  const topology = useLive((state) => state.topology);
  const { files, refusals, notes } = useMemo(() => nsmExport(topology, domain), [topology, domain]);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Export ${domain} to Network Service Mesh`}
      description="The same intent as upstream’s objects, a file for each cluster. Flatland does not apply them."
      testId="nsm-dialog"
    >
      <div className="flex flex-col gap-2">
        {refusals.map((refusal) => (
          <Notice
            key={`${refusal.code} ${refusal.detail}`}
            tone="fail"
            title={REASONS[refusal.code].title}
            testId="nsm-refusal"
          >
            {refusal.detail}. {REASONS[refusal.code].text}. {REASONS[refusal.code].next}.
          </Notice>
        ))}
        {files.length > 0 && (
          <ul aria-label="Files" className="flex flex-col rounded-lg border border-line bg-card">
            {files.map((file) => (
              <li
                key={file.path}
                data-testid="nsm-file"
                className="flex h-10 items-center gap-2 border-b border-line px-3 last:border-b-0"
              >
                <span className="min-w-0 flex-1 truncate font-mono text-xs">{file.path}</span>
                <Button
                  size="sm"
                  aria-label={`Download ${file.path}`}
                  onClick={() => downloadFiles(file.path.replace(/\.yaml$/, ''), [file])}
                >
                  <Download /> Download
                </Button>
              </li>
            ))}
          </ul>
        )}
        {files.length > 0 && notes.length > 0 && (
          <Notice tone="warn" title="Not as Flatland has it" testId="nsm-notes">
            <ul className="list-disc pl-4">
              {notes.map((note) => (
                <li key={`${note.code} ${note.detail}`}>
                  {REASONS[note.code].title}: {note.detail}. {REASONS[note.code].next}.
                </li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
