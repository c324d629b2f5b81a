'use client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import type { Positions } from '../../graph/layout/geometry.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useGrouping } from '../../lib/url-state.ts';

const SAVE_AFTER_MS = 800;

/** Where a person put things: asked for before the first drawing, saved a while after the last move. */
export function usePositions(): {
  readonly onMoved: (positions: Positions) => void;
  /** Undefined until the backend has answered. */
  readonly saved: Positions | undefined;
} {
  const trpc = useTRPC();
  const [grouped] = useGrouping();
  const layout = useQuery(trpc.layout.get.queryOptions(undefined, { staleTime: Infinity, retry: 0 }));
  const { mutate } = useMutation(trpc.layout.save.mutationOptions());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const saved = useMemo(
    () =>
      layout.isPending
        ? undefined
        : new Map(Object.entries(layout.data?.positions ?? {}).map(([id, at]) => [elementKey(id), at])),
    [layout.isPending, layout.data],
  );
  const onMoved = useCallback(
    (positions: Positions) => {
      if (grouped) return;
      clearTimeout(timer.current);
      timer.current = setTimeout(
        () =>
          mutate({
            positions: Object.fromEntries(
              [...positions]
                .filter(([key]) => !key.startsWith('mesh:'))
                .map(([key, at]) => [layoutId(key), { x: Math.round(at.x), y: Math.round(at.y) }]),
            ),
          }),
        SAVE_AFTER_MS,
      );
    },
    [grouped, mutate],
  );
  return { onMoved, saved };
}

/** Keys as the backend stores them: its ids know no colon. */
export function layoutId(key: string): string {
  return key.replace(':', '/');
}

/** A key from the id that it is stored under. */
export function elementKey(id: string): string {
  return id.replace('/', ':');
}
