import type { AppRouter } from '@flatland/bff/router';
import { QueryClient } from '@tanstack/react-query';
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';

const URL_PATH = '/trpc';
const MAX_BATCH = 10;
const MAX_URL_LENGTH = 2000;

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
export type Client = TRPCClient<AppRouter>;
/** A change set as calls give it. */
export type ChangeSetOutput = inferRouterOutputs<AppRouter>['changeSet']['get'];

/**
 * The console's only connection: same origin, cookies, JSON. Every call carries a header that a foreign
 * page cannot send.
 */
export function createClient(): Client {
  return createTRPCClient<AppRouter>({ links: [links()] });
}

/** Queries stay fresh until an event says otherwise. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false } },
  });
}

function links(): TRPCLink<AppRouter> {
  return splitLink({
    condition: (operation) => operation.type === 'subscription',
    true: httpSubscriptionLink({ url: URL_PATH }),
    false: httpBatchLink({
      url: URL_PATH,
      maxItems: MAX_BATCH,
      maxURLLength: MAX_URL_LENGTH,
      headers: { 'x-flatland': '1' },
    }),
  });
}
