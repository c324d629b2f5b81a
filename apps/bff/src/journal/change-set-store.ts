import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Intent } from '@flatland/shared/intent/intent';
import type { ChangeSetState } from '@flatland/shared/report/console-event';
import type { PlannedChange, FieldChoice } from '../api/change-set.ts';
import type { Page, PageRequest } from '../api/console.ts';
import type { ChangeSetHead, ChangeSetRecord, ProofRow, StepRow } from './change-set-record.ts';
import { readHead, readProof, readRecord, readStep, type Row } from './change-set-rows.ts';
import { inTransaction } from './database.ts';
import { tellStorageErrors } from './storage-error.ts';

/** What a plan puts into the journal. */
export interface PlannedContent {
  readonly intents: readonly Intent[];
  readonly planned: PlannedChange;
}

export interface NewChangeSet extends PlannedContent {
  readonly id: string;
  readonly title: string;
  readonly person: string;
  readonly createdAtMs: number;
  readonly idempotencyKey: string;
  readonly revertOf?: string;
  /** What it was made of; one draft of a source is open at a time, whoever made it. */
  readonly source?: string;
}

/** Change sets, their steps and their proofs. Every method's writes are on disk when it returns. */
export class ChangeSetStore {
  readonly #database: DatabaseSync;
  readonly #insertStep: StatementSync;
  readonly #insertProof: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertStep = database.prepare(
      `INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (change_set, ordinal) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,
         updated_at_ms = excluded.updated_at_ms, refusal = excluded.refusal, conflicts = excluded.conflicts`,
    );
    this.#insertProof = database.prepare('INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?, ?, ?, ?)');
  }

  /** Runs several writes as one. */
  atomically<T>(work: () => T): T {
    return inTransaction(this.#database, work);
  }

  /** The change set that the person made with this key before, if any. */
  findByKey(person: string, idempotencyKey: string): ChangeSetRecord | undefined {
    const row = this.#database
      .prepare('SELECT id FROM change_sets WHERE person = ? AND idempotency_key = ?')
      .get(person, idempotencyKey);
    return row === undefined ? undefined : this.get(String(row['id']));
  }

  /** The draft of a source that is open, if any. */
  findOpen(source: string): ChangeSetRecord | undefined {
    const row = this.#database
      .prepare("SELECT id FROM change_sets WHERE source = ? AND state = 'planned'")
      .get(source);
    return row === undefined ? undefined : this.get(String(row['id']));
  }

  /** Keeps a new draft, with its steps queued. */
  insert(draft: NewChangeSet): void {
    this.atomically(() => {
      this.#database
        .prepare(
          `INSERT INTO change_sets (id, created_order, title, state, person, created_at_ms, idempotency_key,
             revert_of, intents, planned, take_over, source)
           VALUES (?, (SELECT coalesce(max(created_order), 0) + 1 FROM change_sets), ?, 'planned', ?, ?, ?, ?, ?, ?, '[]', ?)`,
        )
        .run(
          draft.id,
          draft.title,
          draft.person,
          draft.createdAtMs,
          draft.idempotencyKey,
          draft.revertOf ?? null,
          JSON.stringify(draft.intents),
          JSON.stringify(draft.planned),
          draft.source ?? null,
        );
      this.#queueSteps(draft.id, draft.planned);
    });
  }

  /** Replaces a draft's intents and plan. */
  replan(id: string, title: string, content: PlannedContent): void {
    this.atomically(() => {
      this.#database
        .prepare('UPDATE change_sets SET title = ?, intents = ?, planned = ? WHERE id = ?')
        .run(title, JSON.stringify(content.intents), JSON.stringify(content.planned), id);
      this.#database.prepare('DELETE FROM steps WHERE change_set = ?').run(id);
      this.#queueSteps(id, content.planned);
    });
  }

  get(id: string): ChangeSetRecord | undefined {
    const row = this.#database.prepare('SELECT * FROM change_sets WHERE id = ?').get(id);
    return row === undefined ? undefined : readRecord(row, this.#head(row));
  }

  /** A page of rows, newest first. */
  list({ cursor, limit }: PageRequest): Page<ChangeSetHead> {
    const below = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(cursor, 10) || 0;
    const items = this.#database
      .prepare(
        `SELECT id, created_order, title, state, person, created_at_ms, revert_of, reverted_by
         FROM change_sets WHERE created_order < ? ORDER BY created_order DESC LIMIT ?`,
      )
      .all(below, limit + 1)
      .map((row) => this.#head(row));
    const last = items[limit - 1];
    if (items.length <= limit || last === undefined) return { items };
    return { items: items.slice(0, limit), nextCursor: String(last.createdOrder) };
  }

  /** Ids of change sets in one of the states, oldest first. */
  idsInState(...states: readonly ChangeSetState[]): readonly string[] {
    const marks = states.map(() => '?').join(', ');
    return this.#database
      .prepare(`SELECT id FROM change_sets WHERE state IN (${marks}) ORDER BY created_order`)
      .all(...states)
      .map((row) => String(row['id']));
  }

  /** Ids of stopped change sets with a step that waits for a cluster (the one named, or any), oldest first. */
  idsWaiting(cluster: string | undefined): readonly string[] {
    return this.#database
      .prepare(
        `SELECT DISTINCT id, created_order FROM change_sets JOIN steps ON change_set = id
         WHERE change_sets.state = 'partial' AND steps.state = 'waiting' AND cluster = coalesce(?, cluster)
         ORDER BY created_order`,
      )
      .all(cluster ?? null)
      .map((row) => String(row['id']));
  }

  setState(id: string, state: ChangeSetState): void {
    this.#run('UPDATE change_sets SET state = ? WHERE id = ?', state, id);
  }

  setChoices(id: string, choices: readonly FieldChoice[]): void {
    this.#run('UPDATE change_sets SET take_over = ? WHERE id = ?', JSON.stringify(choices), id);
  }

  setReverted(id: string, by: string): void {
    this.#run("UPDATE change_sets SET reverted_by = ?, state = 'reverted' WHERE id = ?", by, id);
  }

  setStep(id: string, step: StepRow): void {
    tellStorageErrors(() => this.#putStep(id, step));
  }

  setProgrammed(id: string, cluster: string, atMs: number): void {
    this.#run('INSERT OR REPLACE INTO programmed_clusters VALUES (?, ?, ?)', id, cluster, atMs);
  }

  setProofs(id: string, proofs: readonly ProofRow[], nPairsNotProbed: number): void {
    this.atomically(() => {
      this.#run('DELETE FROM proofs WHERE change_set = ?', id);
      this.#run('UPDATE change_sets SET n_pairs_not_probed = ? WHERE id = ?', nPairsNotProbed, id);
      for (const proof of proofs) this.setProof(id, proof);
    });
  }

  setProof(id: string, proof: ProofRow): void {
    const { pair, expected, state, lastAddresses, probe } = proof;
    const probeText = probe === undefined ? null : JSON.stringify(probe);
    tellStorageErrors(() =>
      this.#insertProof.run(
        id,
        pair.from,
        pair.to,
        expected ? 1 : 0,
        state,
        JSON.stringify(lastAddresses),
        probeText,
      ),
    );
  }

  remove(id: string): void {
    this.#run('DELETE FROM change_sets WHERE id = ?', id);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    tellStorageErrors(() => this.#database.prepare(sql).run(...values));
  }

  #queueSteps(id: string, planned: PlannedChange): void {
    for (const [ordinal, step] of planned.plan.steps.entries()) {
      const { cluster } = step;
      const updatedAtMs = planned.plannedAtMs;
      this.#putStep(id, { ordinal, cluster, state: 'queued', attempts: 0, updatedAtMs, conflicts: [] });
    }
  }

  #putStep(id: string, step: StepRow): void {
    const { ordinal, cluster, state, attempts, updatedAtMs, refusal, conflicts } = step;
    const refusalText = refusal === undefined ? null : JSON.stringify(refusal);
    this.#insertStep.run(
      id,
      ordinal,
      cluster,
      state,
      attempts,
      updatedAtMs,
      refusalText,
      JSON.stringify(conflicts),
    );
  }

  #head(row: Row): ChangeSetHead {
    const all = (sql: string) => this.#database.prepare(sql).all(String(row['id']));
    return readHead(row, {
      steps: all('SELECT * FROM steps WHERE change_set = ? ORDER BY ordinal').map(readStep),
      programmed: all('SELECT cluster FROM programmed_clusters WHERE change_set = ? ORDER BY cluster').map(
        (cluster) => String(cluster['cluster']),
      ),
      proofs: all('SELECT * FROM proofs WHERE change_set = ? ORDER BY source, target').map(readProof),
    });
  }
}
