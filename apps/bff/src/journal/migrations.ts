/**
 * The journal's schema, one migration a version. A released migration is never edited: the next one is appended.
 * `PRAGMA user_version` counts those that a file has had.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE change_sets (
    id              TEXT PRIMARY KEY,
    created_order   INTEGER NOT NULL UNIQUE,
    title           TEXT NOT NULL,
    state           TEXT NOT NULL,
    person          TEXT NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    revert_of       TEXT REFERENCES change_sets (id) ON DELETE SET NULL,
    reverted_by     TEXT REFERENCES change_sets (id) ON DELETE SET NULL,
    intents         TEXT NOT NULL,
    planned         TEXT NOT NULL,
    take_over       TEXT NOT NULL,
    n_pairs_not_probed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, idempotency_key)
  ) STRICT;

  CREATE INDEX change_sets_by_state ON change_sets (state);

  CREATE TABLE steps (
    change_set    TEXT NOT NULL REFERENCES change_sets (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    cluster       TEXT NOT NULL,
    state         TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    refusal       TEXT,
    conflicts     TEXT NOT NULL,
    PRIMARY KEY (change_set, ordinal)
  ) STRICT;

  CREATE TABLE programmed_clusters (
    change_set TEXT NOT NULL REFERENCES change_sets (id) ON DELETE CASCADE,
    cluster    TEXT NOT NULL,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (change_set, cluster)
  ) STRICT;

  CREATE TABLE proofs (
    change_set TEXT NOT NULL REFERENCES change_sets (id) ON DELETE CASCADE,
    source     TEXT NOT NULL,
    target     TEXT NOT NULL,
    expected   INTEGER NOT NULL,
    state      TEXT NOT NULL,
    addresses  TEXT NOT NULL,
    probe      TEXT,
    PRIMARY KEY (change_set, source, target)
  ) STRICT;

  CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    person     TEXT NOT NULL,
    action     TEXT NOT NULL,
    change_set TEXT,
    object     TEXT,
    result     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    hash       TEXT NOT NULL
  ) STRICT;

  CREATE TABLE audit_head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;

  CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_keeps_texts BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

  CREATE TABLE layouts (
    person      TEXT PRIMARY KEY,
    positions   TEXT NOT NULL,
    saved_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sessions (
    id_hash         TEXT PRIMARY KEY,
    person          TEXT NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    last_used_at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE connected_clusters (
    name            TEXT PRIMARY KEY,
    sealed          BLOB NOT NULL,
    cluster_uid     TEXT,
    read_only       INTEGER NOT NULL,
    person          TEXT NOT NULL,
    connected_at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE change_sets ADD COLUMN source TEXT;
  CREATE INDEX open_by_source ON change_sets (source) WHERE source IS NOT NULL;
  `,
];
