import { sleep } from '@flatland/kube/client/clock';
import type { Clock, Random } from '@flatland/kube/client/clock';
import { describeError } from '@flatland/kube/client/error';
import type { KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { createObject, getObject, replaceObject } from '@flatland/kube/client/objects';
import { Lease } from '@flatland/kube/client/resources';
import type { Result } from '@flatland/shared/result';
import type { Log } from '../run/log.ts';
import {
  afterRead,
  afterRelease,
  afterWrite,
  holdsForMs,
  identityOf,
  newElection,
  propose,
} from './election.ts';
import type { Candidate, Election, ElectionTiming, LeaseProposal, Moment } from './election.ts';
import { LEASE_REF, leaseObject, readLease } from './lease-object.ts';

/** What runs while the lease is held. */
export interface Term {
  stop(): Promise<void>;
}

export interface RunElectionOptions {
  /** The own cluster's API; used for the Lease alone. */
  readonly client: KubeClient;
  readonly candidate: Candidate;
  readonly timing: ElectionTiming;
  /** Starts what only the holder does. It must write nothing where `mayWriteForMs` gives 0. */
  readonly begin: (mayWriteForMs: () => number) => Term;
  /** For waiting alone. */
  readonly clock: Clock;
  readonly moment: () => Moment;
  readonly random: Random;
  readonly log: Log;
}

/** A candidate at work. */
export interface RunningElection {
  /** What runs, where the lease is held. */
  term(): Term | undefined;
  /** How long ago the API last answered about the lease, in milliseconds; Infinity where it never has. */
  silentForMs(): number;
  /** Ends what runs, then releases the lease. */
  stop(): Promise<void>;
}

const RELEASE_TRIES = 3;

/** Stands for election until `stop`: one term follows the other, and none begins before the last one has ended. */
export function runElection(options: RunElectionOptions): RunningElection {
  const { client, moment, timing, log } = options;
  const stopping = new AbortController();
  let election: Election = newElection(options.candidate, timing);
  let running: { readonly number: number; readonly term: Term } | undefined;
  let ending: Promise<void> | undefined;
  let answered: Moment | undefined;
  let lastFault = '';
  let cancelDeadline = () => {};

  async function round(): Promise<void> {
    const read = await readNow();
    if (read === undefined) return;
    election = afterRead(election, read.lease, moment());
    const proposal = propose(election, moment());
    if (proposal === undefined || stopping.signal.aborted) return;
    const sent = moment();
    const lease = await write(proposal, sent);
    if (lease !== undefined) election = afterWrite(election, { proposal, lease, sent });
  }

  async function readNow() {
    const got = await getObject(client, Lease, { ...LEASE_REF, ...oneTry() });
    if (got.ok || got.error.kind === 'notFound') answered = moment();
    if (!got.ok && got.error.kind === 'notFound') return { lease: undefined };
    return parsed(got);
  }

  async function write(proposal: LeaseProposal, sent: Moment) {
    const object = leaseObject(proposal, sent.wallMs);
    const put = proposal.resourceVersion === undefined ? createObject : replaceObject;
    const written = await put(client, Lease, { object, ...oneTry() });
    // Another was faster: the next look shows who.
    if (!written.ok && (written.error.kind === 'conflict' || written.error.kind === 'alreadyExists'))
      return undefined;
    return parsed(written)?.lease;
  }

  function parsed(answer: Result<unknown, KubeError>) {
    const lease = answer.ok ? readLease(answer.value) : undefined;
    const fault = !answer.ok ? describeError(answer.error) : lease?.ok === false ? lease.error : '';
    if (fault !== '' && fault !== lastFault) log.warn({ err: fault }, 'the lease is out of reach');
    lastFault = fault;
    return lease?.ok === true ? { lease: lease.value } : undefined;
  }

  /** An answer that comes late counts for nothing: it is asked for again instead. */
  function oneTry() {
    return { maxTries: 1, timeoutMs: Math.ceil(timing.renewDeadlineMs / 3) };
  }

  function enforce(): void {
    const leftMs = holdsForMs(election, moment());
    if (running !== undefined && (leftMs === 0 || running.number !== election.term)) end('the lease is lost');
    if (running === undefined && ending === undefined && leftMs > 0 && !stopping.signal.aborted) begin();
    cancelDeadline();
    cancelDeadline = running === undefined ? () => {} : options.clock.after(leftMs, enforce);
  }

  function begin(): void {
    const number = election.term;
    log.info({ identity: identityOf(options.candidate) }, 'holds the lease');
    running = {
      number,
      term: options.begin(() => (number === election.term ? holdsForMs(election, moment()) : 0)),
    };
  }

  function end(why: string): void {
    log.info({ identity: identityOf(options.candidate) }, why);
    ending = running?.term.stop().finally(() => {
      ending = undefined;
      enforce();
    });
    running = undefined;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await round();
      enforce();
      const delayMs = timing.retryPeriodMs * (0.9 + options.random() * 0.2);
      await sleep(options.clock, delayMs, stopping.signal);
    }
  }

  async function release(): Promise<void> {
    for (let nTries = 0; nTries < RELEASE_TRIES; nTries += 1) {
      const read = await readNow();
      if (read?.lease === undefined || read.lease.holder !== identityOf(options.candidate)) return;
      const free = { ...read.lease, holder: '', durationMs: 1000 };
      if ((await write(free, moment())) !== undefined) return;
    }
  }

  const following = follow();
  return {
    term: () => running?.term,
    silentForMs: () => (answered === undefined ? Infinity : moment().monotonicMs - answered.monotonicMs),
    async stop() {
      stopping.abort();
      await following;
      cancelDeadline();
      if (running !== undefined) end('stops');
      await ending;
      election = afterRelease(election);
      await release();
    },
  };
}
