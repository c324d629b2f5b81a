import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSetSummary, PairProbe } from '@flatland/shared/report/console-event';
import { toSummary, type ChangeSetRecord, type ProofRow } from '../journal/change-set-record.ts';
import type { Journal } from '../journal/journal.ts';
import type { World } from '../state/world.ts';
import { isProgrammed } from './is-programmed.ts';
import type { ProbeOrder } from './prober.ts';

/** Probes under way at once for one change set. */
const MAX_PARALLEL = 8;
/** A packet that does not do as expected is sent again, since peers of other clusters may learn a moment later. */
const MAX_TRIES = 12;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2000;
/** Change sets that were applied longer ago are not proved any more after a restart. */
const MAX_AGE_MS = 3_600_000;

export interface ProverDeps {
  readonly journal: Journal;
  readonly probe: (order: ProbeOrder) => Promise<PairProbe>;
  readonly onProbe: (probe: PairProbe) => void;
  readonly onProgress: (summary: ChangeSetSummary) => void;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Follows applied change sets until they are proved: each cluster is `programmed` when its MemberSlices say so,
 * then real packets are sent between pairs of the effect, in both directions. A change that nobody gains or loses by
 * is proved once it is programmed.
 */
export class Prover {
  readonly #deps: ProverDeps;
  /** Applied change sets that are not yet programmed everywhere. */
  readonly #awaiting = new Set<string>();
  readonly #proving = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(deps: ProverDeps) {
    this.#deps = deps;
  }

  /** Takes up what a process before this one left. */
  resume(world: World): void {
    const { changeSets } = this.#deps.journal;
    for (const id of changeSets.idsInState('applied')) {
      const record = changeSets.get(id);
      const appliedAtMs = Math.max(0, ...(record?.steps.map((step) => step.updatedAtMs) ?? []));
      if (appliedAtMs > this.#deps.nowMs() - MAX_AGE_MS) this.#awaiting.add(id);
    }
    this.onWorld(world);
  }

  /** Follows a change set whose steps are all applied. */
  follow(id: string, world: World): void {
    this.#awaiting.add(id);
    this.onWorld(world);
  }

  /** Looks whether change sets are programmed in this world. */
  onWorld(world: World): void {
    for (const id of this.#awaiting) {
      try {
        this.#look(id, world);
      } catch (error) {
        this.#deps.onError(error);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#proving.values());
  }

  #look(id: string, world: World): void {
    const { journal, nowMs } = this.#deps;
    const record = journal.changeSets.get(id);
    if (record === undefined || record.state !== 'applied') {
      this.#awaiting.delete(id);
      return;
    }
    const clusters = [...new Set(record.steps.map((step) => step.cluster))];
    const fresh = clusters.filter(
      (cluster) =>
        !record.programmed.includes(cluster) &&
        isProgrammed(world.topology, cluster, stepsIn(record, cluster)),
    );
    for (const cluster of fresh) journal.changeSets.setProgrammed(id, cluster, nowMs());
    if (fresh.length > 0) this.#tell(id);
    if (record.programmed.length + fresh.length < clusters.length) return;
    this.#awaiting.delete(id);
    this.#prove(id, record.proofs);
  }

  #prove(id: string, proofs: readonly ProofRow[]): void {
    const pending = proofs.filter((proof) => proof.state === 'pending');
    const work = async () => {
      for (let proof = pending.shift(); proof !== undefined; proof = pending.shift()) {
        await this.#proveOne(id, proof);
      }
    };
    const all = Promise.all(Array.from({ length: MAX_PARALLEL }, work))
      .then(() => this.#conclude(id))
      .catch((error: unknown) => this.#deps.onError(error))
      .finally(() => this.#proving.delete(id));
    this.#proving.set(id, all);
  }

  async #proveOne(id: string, proof: ProofRow): Promise<void> {
    const { pair, expected, lastAddresses } = proof;
    const order = { from: { workload: pair.from }, to: { workload: pair.to }, lastAddresses };
    let pauseMs = FIRST_PAUSE_MS;
    for (let n = 1; !this.#stop.signal.aborted; n++) {
      const probe = await this.#deps.probe(order);
      const isImpossible = probe.result.reason === 'probe-impossible';
      const asExpected = !isImpossible && probe.result.echoed === expected;
      if (asExpected || n === MAX_TRIES) {
        const state = asExpected ? 'proved' : isImpossible ? 'impossible' : 'failed';
        this.#deps.journal.changeSets.setProof(id, { ...proof, state, probe });
        this.#deps.onProbe(probe);
        this.#tell(id);
        return;
      }
      await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 1.5);
    }
  }

  #conclude(id: string): void {
    if (this.#stop.signal.aborted) return;
    const { journal, nowMs } = this.#deps;
    const record = journal.changeSets.get(id);
    if (record === undefined || record.state !== 'applied') return;
    const nFailed = record.proofs.filter((proof) => proof.state !== 'proved').length;
    journal.atomically(() => {
      if (nFailed === 0) journal.changeSets.setState(id, 'proved');
      journal.audit.append({
        atMs: nowMs(),
        person: record.person,
        action: 'prove',
        changeSet: id,
        result: nFailed === 0 ? 'done' : 'failed',
        detail: `${record.proofs.length - nFailed} of ${record.proofs.length} pairs proved`,
      });
    });
    this.#tell(id);
  }

  #tell(id: string): void {
    const record = this.#deps.journal.changeSets.get(id);
    if (record !== undefined) this.#deps.onProgress(toSummary(record));
  }
}

function stepsIn(record: ChangeSetRecord, cluster: string) {
  return record.planned.plan.steps.filter((step) => step.cluster === cluster);
}
