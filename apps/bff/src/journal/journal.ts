import { mkdirSync, readdirSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { AppliedSteps } from './applied-steps.ts';
import { AuditLog } from './audit-log.ts';
import { ChangeSetStore } from './change-set-store.ts';
import { ConnectedClusterStore } from './connected-cluster-store.ts';
import { inTransaction, openDatabase } from './database.ts';
import { LayoutStore } from './layout-store.ts';
import { SessionStore } from './session-store.ts';

/** The file in the data directory. */
export const JOURNAL_FILE = 'journal.sqlite';

/**
 * The one thing outside Kubernetes: drafts, change sets, audit, layouts, sessions, and how clusters that were added here
 * are reached. Losing it costs history and these connections, never connectivity.
 */
export interface Journal {
  readonly changeSets: ChangeSetStore;
  readonly appliedSteps: AppliedSteps;
  readonly audit: AuditLog;
  readonly layouts: LayoutStore;
  readonly sessions: SessionStore;
  readonly connectedClusters: ConnectedClusterStore;
  /** Runs writes of several stores as one. */
  atomically<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the journal of a data directory, for the owner's eyes only.
 *
 * @throws JournalRefusedError naming the file, where it must not be opened
 */
export function openJournal(dataDirectory: string): Journal {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const database = openDatabase(join(dataDirectory, JOURNAL_FILE));
  for (const name of readdirSync(dataDirectory)) {
    if (name.startsWith(JOURNAL_FILE)) chmodSync(join(dataDirectory, name), 0o600);
  }
  return {
    changeSets: new ChangeSetStore(database),
    appliedSteps: new AppliedSteps(database),
    audit: new AuditLog(database),
    layouts: new LayoutStore(database),
    sessions: new SessionStore(database),
    connectedClusters: new ConnectedClusterStore(database),
    atomically: (work) => inTransaction(database, work),
    close: () => database.close(),
  };
}
