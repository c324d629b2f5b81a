import type { SQLOutputValue } from 'node:sqlite';
import type { ChangeSetState, PairProbe } from '@flatland/shared/report/console-event';
import type { Proof, StepState } from '../api/change-set.ts';
import type { ChangeSetHead, ChangeSetRecord, ProofRow, StepRow } from './change-set-record.ts';

/*
 * Rows of the journal to records. Only this process wrote them, in a file that was checked to be whole when it
 * was opened, so they are read without validation.
 */

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function readHead(
  row: Row,
  parts: Pick<ChangeSetHead, 'steps' | 'programmed' | 'proofs'>,
): ChangeSetHead {
  return {
    id: String(row['id']),
    title: String(row['title']),
    state: String(row['state']) as ChangeSetState,
    person: String(row['person']),
    createdAtMs: Number(row['created_at_ms']),
    createdOrder: Number(row['created_order']),
    ...(row['revert_of'] === null ? {} : { revertOf: String(row['revert_of']) }),
    ...(row['reverted_by'] === null ? {} : { revertedBy: String(row['reverted_by']) }),
    ...parts,
  };
}

export function readRecord(row: Row, head: ChangeSetHead): ChangeSetRecord {
  return {
    ...head,
    intents: json<ChangeSetRecord['intents']>(row['intents']),
    planned: json<ChangeSetRecord['planned']>(row['planned']),
    choices: json<ChangeSetRecord['choices']>(row['take_over']),
    nPairsNotProbed: Number(row['n_pairs_not_probed']),
  };
}

export function readStep(row: Row): StepRow {
  return {
    ordinal: Number(row['ordinal']),
    cluster: String(row['cluster']),
    state: String(row['state']) as StepState,
    attempts: Number(row['attempts']),
    updatedAtMs: Number(row['updated_at_ms']),
    ...(row['refusal'] === null ? {} : { refusal: json<NonNullable<StepRow['refusal']>>(row['refusal']) }),
    conflicts: json<StepRow['conflicts']>(row['conflicts']),
  };
}

export function readProof(row: Row): ProofRow {
  return {
    pair: { from: String(row['source']), to: String(row['target']) },
    expected: row['expected'] === 1,
    state: String(row['state']) as Proof['state'],
    lastAddresses: json<ProofRow['lastAddresses']>(row['addresses']),
    ...(row['probe'] === null ? {} : { probe: json<PairProbe>(row['probe']) }),
  };
}

function json<T>(text: SQLOutputValue | undefined): T {
  return JSON.parse(String(text)) as T;
}
