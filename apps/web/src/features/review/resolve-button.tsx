'use client';
import type { ObjectConflict } from '@flatland/bff/api/change-set';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { chosenOf, openFields, type Choices } from './field-choices.ts';

interface Props {
  readonly id: string;
  readonly conflicts: readonly ObjectConflict[];
  readonly choices: Choices;
}

/** Goes on with the objects that stopped an apply, as the person chose. What is off says why. */
export function ResolveButton({ id, conflicts, choices }: Props) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const offline = useBlocked();
  const resolve = useMutation(
    trpc.changeSet.resolve.mutationOptions({
      onSuccess: (next) => queries.setQueryData(trpc.changeSet.get.queryKey({ id }), next),
      onError: (error: unknown) => {
        const told = tellError(error);
        toast.error(told.message, { description: told.hint });
      },
      onSettled: () => queries.invalidateQueries(trpc.changeSet.conflicts.queryFilter({ id })),
    }),
  );
  const choosable = conflicts.filter((conflict) => conflict.choosable);
  if (choosable.length === 0) return null;
  const nOpen = choosable.flatMap((conflict) => openFields(conflict, choices)).length;
  const chosen = chosenOf(choosable, choices);
  const blocked =
    offline ??
    (resolve.isPending
      ? 'It is being sent'
      : nOpen > 0
        ? `Choose for ${nOpen} more ${nOpen === 1 ? 'field' : 'fields'}`
        : chosen.length === 0
          ? 'There is nothing to choose: retry, or plan again'
          : undefined);
  return (
    <Button
      look="solid"
      data-testid="resolve"
      blocked={blocked}
      onClick={() => resolve.mutate({ id, choices: chosen })}
    >
      <Play /> Apply as chosen
    </Button>
  );
}
