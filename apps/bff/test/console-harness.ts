import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Principal } from '../src/api/console.ts';
import { nowMs } from '../src/clock.ts';
import { createLogger } from '../src/http/logger.ts';
import { Sessions } from '../src/http/sessions.ts';
import { openJournal, type Journal } from '../src/journal/journal.ts';
import { createBackend, type Backend } from '../src/services/backend.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

export const ADA: Principal = { person: 'ada', kind: 'cli', sessionKey: 'cli' };

/** A backend over a simulated network, with the journal in the network's directory. */
export interface ConsoleHarness extends AsyncDisposable {
  readonly backend: Backend;
  readonly journal: Journal;
  readonly console: Backend['console'];
}

export async function startConsole(
  network: SimulatedNetwork,
  options: { patrolEveryMs?: number; clusters?: readonly string[]; logger?: Logger } = {},
): Promise<ConsoleHarness> {
  const journal = openJournal(join(network.directory, 'data'));
  const logger = options.logger ?? createLogger({ level: 'silent' });
  const sessions = new Sessions({ store: journal.sessions, nowMs, randomBytes });
  const backend = createBackend({
    configured: network.configured().filter(({ name }) => options.clusters?.includes(name) ?? true),
    journal,
    dataDirectory: join(network.directory, 'data'),
    sessions,
    isLab: true,
    logger,
    linkTo: (token) => token,
    heartbeatMs: 200,
    patrolEveryMs: options.patrolEveryMs ?? 3_600_000,
  });
  backend.start();
  return {
    backend,
    journal,
    console: backend.console,
    async [Symbol.asyncDispose]() {
      await backend.stop();
      journal.close();
    },
  };
}

/** Waits until `look` gives something; its last error or value is told when it never does. */
export async function eventually<T>(look: () => T | undefined | false, timeoutMs = 45_000): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`never: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
