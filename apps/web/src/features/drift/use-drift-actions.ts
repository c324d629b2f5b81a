'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC, type ChangeSetOutput } from '../../lib/trpc.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useUi } from '../../state/ui-store.ts';

/** Both make a change set, which is opened: adopting has written nothing, and restoring writes nothing before it is applied. */
export function useDriftActions(onOpen: (changeSet: string) => void) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const offline = useBlocked();
  const opens = (said: string) => ({
    onSuccess: (next: ChangeSetOutput) => {
      queries.setQueryData(trpc.changeSet.get.queryKey({ id: next.summary.id }), next);
      void queries.invalidateQueries(trpc.changeSet.list.pathFilter());
      useUi.getState().announce(said);
      onOpen(next.summary.id);
    },
    onError: (error: unknown) => {
      const told = tellError(error);
      toast.error(told.message, { description: told.hint });
    },
    onSettled: () => void queries.invalidateQueries(trpc.drift.pathFilter()),
  });
  const adopt = useMutation(
    trpc.drift.adopt.mutationOptions(
      opens('Adopted: what is there is wanted from now on. Nothing was written.'),
    ),
  );
  const restore = useMutation(
    trpc.drift.restore.mutationOptions(opens('Planned. Nothing is written before you apply it.')),
  );
  const blocked =
    offline ??
    (adopt.isPending ? 'It is being adopted' : restore.isPending ? 'The change is being planned' : undefined);
  return { adopt, restore, blocked };
}
