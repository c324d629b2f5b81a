import { TRPCClientError } from '@trpc/client';

/** What went wrong and what to do next, for people. */
export interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The console's own words for any error of a call. */
export function tellError(error: unknown): Told {
  if (error instanceof TRPCClientError) {
    const told = readTold((error.data as { error?: unknown } | null | undefined)?.error);
    if (told) return told;
    if (error.data === undefined || error.data === null)
      return {
        code: 'unreachable',
        message: 'The console’s backend does not answer',
        hint: 'Check that flatland is running, then try again',
      };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, hint: 'Try again' };
}

function readTold(value: unknown): Told | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, message, hint } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && typeof hint === 'string'
    ? { code, message, hint }
    : undefined;
}
