import type { AppRouter } from '@flatland/bff/router';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { useState, type ReactNode } from 'react';
import { TRPCProvider } from '../lib/trpc.ts';

/** What a backend answers, by procedure; what throws is an error of the call. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

/** Everything around a component that talks to the backend, with a backend of one's own. */
export function FakeConsole({ answers, children }: { answers: Answers; children: ReactNode }) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: false } } }));
  const [client] = useState(() => createTRPCClient<AppRouter>({ links: [answering(answers)] }));
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

function answering(answers: Answers): TRPCLink<AppRouter> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        const answer = answers[op.path] as ((input: unknown) => unknown) | undefined;
        void (async () => {
          try {
            if (answer === undefined) throw new Error(`nothing answers ${op.path}`);
            observer.next({ result: { type: 'data', data: await answer(op.input) } });
            observer.complete();
          } catch (error) {
            observer.error(TRPCClientError.from(error as Error));
          }
        })();
      });
}
