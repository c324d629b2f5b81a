import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { ProgressLine } from '@flatland/shared/report/progress-line';
import { nowMs } from './clock.ts';
import { readClusters } from './clusters/connections.ts';
import { createCallLimits } from './http/call-limits.ts';
import { ensureCliToken, writeEndpoint } from './http/cli-token.ts';
import { createLogger } from './http/logger.ts';
import { createServer } from './http/server.ts';
import { Sessions } from './http/sessions.ts';
import { openJournal } from './journal/journal.ts';
import { readEnvironment } from './environment.ts';
import { CANNOT_START, STOP_WITH_PARENT } from './launch.ts';
import { createBackend } from './services/backend.ts';

/** After this a stop is no longer graceful. */
const STOP_TIMEOUT_MS = 9000;
const PARENT_CHECK_MS = 500;
/** A cluster that does not answer holds the start up for no longer. */
const FIRST_READ_TIMEOUT_MS = 2000;

const startedAtMs = nowMs();
const logger = createLogger();

try {
  await start();
} catch (error) {
  print({ event: 'failed', text: error instanceof Error ? error.message : String(error) });
  // watches and timers of what did start would keep the process alive
  process.exit(CANNOT_START);
}

/** Starts the console's backend and prints, as JSON lines, each step and last the one-time link. */
async function start(): Promise<void> {
  process.umask(0o077);
  const environment = readEnvironment(process.env);
  mkdirSync(environment.dataDirectory, { recursive: true, mode: 0o700 });
  const journal = openJournal(environment.dataDirectory);
  const { kubeconfig, mayLackKubeconfig } = environment;
  const configured = mayLackKubeconfig && !existsSync(kubeconfig) ? [] : readClusters(kubeconfig);
  for (const cluster of configured)
    if (!cluster.ok) print({ event: 'warning', text: `cluster ${cluster.name} is left out: ${cluster.why}` });
  const person = personOf();
  const sessions = new Sessions({ store: journal.sessions, nowMs, randomBytes });
  let url = '';
  const linkTo = (token: string) => `${url}/login?token=${token}`;
  const { isLab } = environment;
  const { dataDirectory } = environment;
  const backend = createBackend({ configured, journal, dataDirectory, sessions, isLab, logger, linkTo });
  const server = await createServer({
    console: backend.console,
    sessions,
    limits: createCallLimits(),
    cliToken: ensureCliToken(environment.dataDirectory),
    person,
    consoleDirectory: resolve(import.meta.dirname, '../../web/out'),
    metrics: backend.metrics,
    readiness: backend.readiness,
    logger,
    onLogin: ({ person: who, signedIn }) =>
      journal.audit.append({
        atMs: nowMs(),
        person: who,
        action: 'login',
        result: signedIn ? 'done' : 'refused',
        detail: '',
      }),
  });
  backend.start();
  await backend.firstRead(FIRST_READ_TIMEOUT_MS);
  const port = await server.listen(environment.port);
  if (port !== environment.port && environment.port !== 0) {
    print({ event: 'warning', text: `port ${environment.port} is taken; using ${port}` });
  }
  url = `http://127.0.0.1:${port}`;
  writeEndpoint(environment.dataDirectory, { url, pid: process.pid, startedAtMs });
  stopOnSignal(async () => {
    await server.close();
    await backend.stop();
    journal.close();
  });
  if (process.argv.includes(STOP_WITH_PARENT)) stopWithParent();
  print({ event: 'link', url: linkTo(sessions.createLinkToken().token) });
}

function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Whoever started this may be killed; then nobody would stop it. */
function stopWithParent(): void {
  const parent = process.ppid;
  const look = () => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  };
  setInterval(look, PARENT_CHECK_MS).unref();
}

function print(line: ProgressLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function personOf(): string {
  try {
    return userInfo().username;
  } catch {
    return 'local';
  }
}
