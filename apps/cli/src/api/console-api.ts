import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleError } from '@flatland/bff/api/console-error';
import type { AppRouter } from '@flatland/bff/router';
import { createTRPCClient, httpLink, TRPCClientError, type TRPCClient } from '@trpc/client';
import { z } from 'zod';
import { CommandError } from '../io/command-error.ts';
import { dataDirectory } from '../io/paths.ts';

/** The console's API, as the command line calls it. */
export type ConsoleApi = TRPCClient<AppRouter>;

const zEndpoint = z.looseObject({ url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }) });
const NOT_RUNNING = { next: 'Start it with: npm start' };

/** Connects to the running console by the endpoint and token in the data directory. Throws where there is none. */
export function openConsoleApi(env: NodeJS.ProcessEnv): ConsoleApi {
  const directory = dataDirectory(env);
  const endpoint = readEndpoint(join(directory, 'console.json'));
  const token = readText(join(directory, 'cli-token'));
  if (endpoint === undefined || token === undefined)
    throw new CommandError(`no console has run with the data directory ${directory}`, NOT_RUNNING);
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${endpoint}/trpc`,
        headers: { authorization: `Bearer ${token.trim()}`, 'x-flatland': '1' },
      }),
    ],
  });
}

/** Runs calls to the console, and turns what goes wrong into a command's error with its next action. */
export async function callConsole<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const detail = consoleError(error.data);
    if (detail) throw new CommandError(detail.message, { next: detail.hint });
    const unreachable = error.cause instanceof TypeError;
    throw new CommandError(
      unreachable ? 'the console does not answer' : error.message,
      unreachable ? NOT_RUNNING : {},
    );
  }
}

function consoleError(data: unknown): ConsoleError | undefined {
  const parsed = z
    .looseObject({ error: z.looseObject({ message: z.string(), hint: z.string() }) })
    .safeParse(data);
  return parsed.success ? (parsed.data.error as unknown as ConsoleError) : undefined;
}

function readEndpoint(path: string): string | undefined {
  try {
    return new URL(zEndpoint.parse(JSON.parse(readFileSync(path, 'utf8'))).url).origin;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
