'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useBlocked } from '../../state/use-blocked.ts';

/** Asks before a cluster is disconnected, and says afterwards what stays in it. */
export function DisconnectDialog({ cluster, onClose }: { cluster: string; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const offline = useBlocked();
  const disconnect = useMutation(
    trpc.cluster.disconnect.mutationOptions({
      onSuccess: () => void queries.invalidateQueries(trpc.console.overview.queryFilter()),
    }),
  );
  const report = disconnect.data;
  return (
    <Dialog
      open
      onClose={onClose}
      testId="disconnect-dialog"
      title={report ? `${cluster} is disconnected` : `Disconnect ${cluster}?`}
      description={
        report
          ? undefined
          : 'This console forgets its credentials and shows it no more. Nothing is deleted in the cluster.'
      }
      footer={
        report ? (
          <Button look="solid" data-testid="disconnect-close" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look="danger"
              data-testid="disconnect-confirm"
              blocked={offline ?? (disconnect.isPending ? 'It is being disconnected' : undefined)}
              onClick={() => disconnect.mutate({ cluster })}
            >
              Disconnect
            </Button>
          </>
        )
      }
    >
      <div role="status" className="flex flex-col gap-2 text-sm text-ink-2">
        {disconnect.error && (
          <Notice tone="fail" title={tellError(disconnect.error).message}>
            {tellError(disconnect.error).hint}
          </Notice>
        )}
        {report?.notes.map((note) => (
          <p key={note}>{note}.</p>
        ))}
        {report && report.stays.length > 0 && (
          <ul className="list-disc pl-5 text-xs text-ink-3">
            {report.stays.map(({ kind, count }) => (
              <li key={kind}>
                {count} {kind}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}
