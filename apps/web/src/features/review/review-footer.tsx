'use client';
import type { ChangeSet, ObjectConflict } from '@flatland/bff/api/change-set';
import type { ChangeSetSummary } from '@flatland/shared/report/console-event';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, GitBranch, Link as LinkIcon, Play, RefreshCw, RotateCcw, Undo2 } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC, useTRPCClient, type ChangeSetOutput } from '../../lib/trpc.ts';
import { useStaging } from '../../staging/staging-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useUi } from '../../state/ui-store.ts';
import { chosenOf, settledSteps, type Choices } from './field-choices.ts';
import { applyBlocked } from './apply-blocked.ts';
import { downloadFiles } from './download-files.ts';
import { applyLabel, gitSteps } from './git-steps.ts';

interface Props {
  readonly changeSet: ChangeSet;
  readonly summary: ChangeSetSummary;
  readonly acknowledged: ReadonlySet<string>;
  readonly conflicts: readonly ObjectConflict[];
  readonly choices: Choices;
  readonly onClose: () => void;
  readonly onOpen: (id: string) => void;
}

/** Apply, and after it retry, plan again, revert or leave pending. What is off says why. */
export function ReviewFooter({
  changeSet,
  summary,
  acknowledged,
  conflicts,
  choices,
  onClose,
  onOpen,
}: Props) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const offline = useBlocked();
  const { id } = summary;
  const forGit = gitSteps(changeSet.planned.plan);
  const keep = (next: ChangeSetOutput) =>
    queries.setQueryData(trpc.changeSet.get.queryKey({ id: next.summary.id }), next);
  const onError = (error: unknown) => {
    const told = tellError(error);
    toast.error(told.message, { description: told.hint });
    void queries.invalidateQueries(trpc.changeSet.get.queryFilter({ id }));
  };
  const download = (only?: 'git') =>
    client.changeSet.export
      .query({ id, ...(only && { only }) })
      .then(({ files }) => downloadFiles(summary.title, files), onError);
  const apply = useMutation(
    trpc.changeSet.applyPlan.mutationOptions({
      onSuccess: (next) => {
        keep(next);
        if (forGit.length > 0) void download('git');
        if (useStaging.getState().draftId === id) useStaging.getState().release();
        useUi.getState().announce('Applying. Each cluster’s progress is shown.');
      },
      onError,
    }),
  );
  const retry = useMutation(
    trpc.changeSet.retry.mutationOptions({ onSuccess: (next) => void keep(next), onError }),
  );
  const openNext = {
    onSuccess: (next: ChangeSetOutput) => {
      keep(next);
      onOpen(next.summary.id);
    },
    onError,
  };
  const replan = useMutation(trpc.changeSet.replan.mutationOptions(openNext));
  const revert = useMutation(trpc.changeSet.revert.mutationOptions(openNext));
  const discard = useMutation(trpc.changeSet.discard.mutationOptions({ onSuccess: onClose, onError }));

  const isDraft = summary.state === 'draft' || summary.state === 'planned';
  const isStaged = useStaging((state) => state.draftId === id);
  const stale = useStaging((state) => state.draftId === id && state.draft.kind !== 'saved');
  const blocked =
    offline ??
    (stale
      ? 'The change is being planned'
      : applyBlocked(changeSet, acknowledged, settledSteps(conflicts, choices)));
  const failed = summary.clusters.some(
    (cluster) => cluster.state === 'failed' || cluster.state === 'waiting',
  );
  const outdated =
    changeSet.planned.dryRun.some(
      (result) => result.outcome === 'refused' && result.refusal.code === 'changed-meanwhile',
    ) || changeSet.steps.some((step) => step.refusal?.code === 'changed-meanwhile');
  const done = ['applied', 'proved', 'partial'].includes(summary.state);

  return (
    <footer className="flex shrink-0 items-center gap-2 border-t border-line px-5 py-3">
      <Menu
        align="start"
        trigger={<Button look="ghost">More</Button>}
        choices={[
          {
            label: 'Export YAML, a folder per cluster',
            icon: <Download />,
            testId: 'export',
            onSelect: () => void download(),
          },
          {
            label: 'Copy the link',
            icon: <LinkIcon />,
            onSelect: () => void navigator.clipboard.writeText(`${location.origin}/?review=${id}`),
          },
          {
            label: 'Plan again',
            icon: <RefreshCw />,
            testId: 'replan-menu',
            onSelect: () => replan.mutate({ id }),
          },
        ]}
      />
      <span className="min-w-0 flex-1 truncate text-right text-xs text-ink-3" data-testid="apply-blocked">
        {isDraft && blocked}
      </span>
      {isDraft && (
        <>
          {outdated && (
            <Button data-testid="replan" blocked={offline} onClick={() => replan.mutate({ id })}>
              <RefreshCw /> Plan again
            </Button>
          )}
          <Button
            data-testid="review-discard"
            blocked={offline}
            onClick={() => {
              if (isStaged) {
                useStaging.getState().discard();
                onClose();
              } else discard.mutate({ id });
            }}
          >
            Discard
          </Button>
          <Button
            look="solid"
            data-testid="apply"
            blocked={apply.isPending ? 'It is being sent' : blocked}
            onClick={() =>
              apply.mutate({
                id,
                expectedPlanHash: changeSet.planned.planHash,
                acknowledged: [...acknowledged],
                choices: chosenOf(conflicts, choices),
              })
            }
          >
            {forGit.length > 0 ? <GitBranch /> : <Play />}
            {apply.isPending ? 'Sending…' : applyLabel(changeSet.planned.plan)}
          </Button>
        </>
      )}
      {!isDraft && failed && (
        <Button
          data-testid="retry"
          blocked={offline ?? (retry.isPending ? 'It is being retried' : undefined)}
          onClick={() => retry.mutate({ id })}
        >
          <RotateCcw /> Retry
        </Button>
      )}
      {!isDraft && outdated && (
        <Button data-testid="replan" blocked={offline} onClick={() => replan.mutate({ id })}>
          <RefreshCw /> Plan again
        </Button>
      )}
      {done && summary.revertedBy === undefined && (
        <Button
          data-testid="revert"
          blocked={offline ?? (revert.isPending ? 'The inverse is being planned' : undefined)}
          onClick={() => revert.mutate({ id })}
        >
          <Undo2 /> Revert…
        </Button>
      )}
      {!isDraft && (
        <Button look={failed ? 'outline' : 'solid'} data-testid="review-done" onClick={onClose}>
          {failed ? 'Leave pending' : 'Done'}
        </Button>
      )}
    </footer>
  );
}
