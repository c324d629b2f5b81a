'use client';
import { Tooltip } from '@base-ui/react/tooltip';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { useEffect, useState, type ReactNode } from 'react';
import { Toaster } from 'sonner';
import { followVerdicts } from '../../live/follow-verdicts.ts';
import { startEventStream } from '../../live/event-stream.ts';
import { createClient, createQueryClient, TRPCProvider } from '../../lib/trpc.ts';
import { startDraftSync } from '../../staging/draft-sync.ts';
import { useLive } from '../../live/live-store.ts';

/** Everything that pages stand on: theme, URL, calls, the event stream, the draft. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createClient);
  const [queries] = useState(createQueryClient);
  useEffect(() => {
    const refresh = (id: string) =>
      void queries.invalidateQueries({
        queryKey: [['changeSet', 'get']],
        predicate: (query) => JSON.stringify(query.queryKey).includes(id),
      });
    const stopStream = startEventStream(client);
    const stopDraft = startDraftSync(client, refresh);
    const stopVerdicts = followVerdicts(() => {
      void queries.invalidateQueries({ queryKey: [['why', 'explain']] });
      void queries.invalidateQueries({ queryKey: [['probe', 'matrix']] });
    });
    const unsubscribe = useLive.subscribe((live, before) => {
      if (live.nDone !== before.nDone)
        for (const router of ['audit', 'changeSet'])
          void queries.invalidateQueries({ queryKey: [[router, 'list']] });
      if (live.changeSets === before.changeSets) return;
      for (const [id, changeSet] of Object.entries(live.changeSets))
        if (before.changeSets[id] !== changeSet) refresh(id);
      void queries.invalidateQueries({ queryKey: [['changeSet', 'list']] });
    });
    return () => {
      stopStream();
      stopDraft();
      stopVerdicts();
      unsubscribe();
    };
  }, [client, queries]);
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <TRPCProvider trpcClient={client} queryClient={queries}>
            <NuqsAdapter>
              <Tooltip.Provider delay={350}>{children}</Tooltip.Provider>
            </NuqsAdapter>
            <Toaster
              position="bottom-right"
              toastOptions={{
                classNames: {
                  toast:
                    '!rounded-lg !border !border-line !bg-panel !text-ink !shadow-float !font-sans !text-sm !gap-2.5',
                  description: '!text-ink-3 !text-xs',
                },
              }}
            />
          </TRPCProvider>
        </QueryClientProvider>
      </CSPProvider>
    </ThemeProvider>
  );
}
