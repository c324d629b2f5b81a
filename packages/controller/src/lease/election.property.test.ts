import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DEFAULT_TIMING,
  afterRead,
  afterWrite,
  holdsForMs,
  identityOf,
  newElection,
  propose,
} from './election.ts';
import type { Election, LeaseProposal, LeaseState, Moment } from './election.ts';

/** What happens to the messages of one round, and how long the candidate sleeps before it. */
interface Fate {
  /** The process stands still for this long before the round. */
  readonly pausedMs: number;
  /** And for this long after it had sent its write. */
  readonly pausedInWriteMs: number;
  /** How far its wall clock is set before the round. */
  readonly wallStepMs: number;
  /** How long each message is under way: read, its answer, write, its answer. */
  readonly delaysMs: readonly [number, number, number, number];
  readonly readIsLost: boolean;
  readonly writeIsLost: boolean;
  readonly answerIsLost: boolean;
}

const TIMEOUT_MS = DEFAULT_TIMING.renewDeadlineMs / 3;

const pause = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 16_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
);
const delay = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
);
const rarely = fc.integer({ min: 0, max: 5 }).map((n) => n === 0);
const fate: fc.Arbitrary<Fate> = fc.record({
  pausedMs: pause,
  pausedInWriteMs: pause,
  wallStepMs: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -100_000, max: 100_000 })),
  delaysMs: fc.tuple(delay, delay, delay, delay),
  readIsLost: rarely,
  writeIsLost: rarely,
  answerIsLost: rarely,
});
const candidate = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  /** Its clock runs a tenth too slow or too fast. */
  rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  offsetMs: fc.integer({ min: 0, max: 1_000_000 }),
});

/** The server's Lease: a write with another resourceVersion than the live one is refused. */
class LeaseServer {
  lease: LeaseState | undefined;
  #version = 0;

  write(proposal: LeaseProposal): LeaseState | undefined {
    if (proposal.resourceVersion !== this.lease?.resourceVersion) return undefined;
    this.#version += 1;
    const acquireTime = proposal.acquireTime ?? String(this.#version);
    this.lease = { ...proposal, acquireTime, resourceVersion: String(this.#version) };
    return this.lease;
  }
}

/** Events in the order of true time. */
class Timeline {
  nowMs = 0;
  readonly #events: { readonly atMs: number; readonly order: number; readonly act: () => void }[] = [];
  #order = 0;

  at(atMs: number, act: () => void): void {
    this.#events.push({ atMs, order: (this.#order += 1), act });
  }

  run(after: () => void): void {
    for (;;) {
      this.#events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.#events.shift();
      if (next === undefined) return;
      this.nowMs = next.atMs;
      next.act();
      after();
    }
  }
}

interface World {
  readonly time: Timeline;
  readonly server: LeaseServer;
}

interface ProcessClock {
  readonly rate: number;
  readonly offsetMs: number;
}

class Process {
  election: Election;
  readonly #world: World;
  readonly #clock: ProcessClock;
  #wallMs = 0;
  #frozenUntilMs = 0;

  constructor(name: string, world: World, clock: ProcessClock) {
    this.election = newElection({ pod: name, process: '1' });
    this.#world = world;
    this.#clock = clock;
  }

  moment(): Moment {
    const monotonicMs = this.#world.time.nowMs * this.#clock.rate + this.#clock.offsetMs;
    return { monotonicMs, wallMs: monotonicMs + this.#wallMs };
  }

  believes(): boolean {
    return holdsForMs(this.election, this.moment()) > 0;
  }

  round(fate: Fate, then: () => void): void {
    const { time, server } = this.#world;
    const [toServer, back, writeToServer, writeBack] = fate.delaysMs;
    this.#wallMs += fate.wallStepMs;
    this.#freeze(fate.pausedMs);
    this.#wake(() => {
      const answerMs = toServer + back;
      if (fate.readIsLost || answerMs > TIMEOUT_MS) return this.#later(TIMEOUT_MS, then);
      let lease: LeaseState | undefined;
      time.at(time.nowMs + toServer, () => (lease = server.lease));
      this.#later(answerMs, () => {
        this.election = afterRead(this.election, lease, this.moment());
        const proposal = propose(this.election, this.moment());
        if (proposal === undefined) return then();
        const sent = this.moment();
        let written: LeaseState | undefined;
        // A write that nobody waits for any more may still arrive.
        if (!fate.writeIsLost) time.at(time.nowMs + writeToServer, () => (written = server.write(proposal)));
        this.#freeze(fate.pausedInWriteMs);
        const lasts = writeToServer + writeBack;
        const isLost = fate.writeIsLost || fate.answerIsLost || lasts > TIMEOUT_MS;
        this.#later(isLost ? TIMEOUT_MS : lasts, () => {
          if (!isLost && written !== undefined)
            this.election = afterWrite(this.election, { proposal, lease: written, sent });
          then();
        });
      });
    });
  }

  #freeze(forMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, this.#world.time.nowMs + forMs);
  }

  #later(delayMs: number, act: () => void): void {
    const { time } = this.#world;
    time.at(time.nowMs + delayMs, () => this.#wake(act));
  }

  #wake(act: () => void): void {
    const { time } = this.#world;
    if (time.nowMs >= this.#frozenUntilMs) act();
    else time.at(this.#frozenUntilMs, () => this.#wake(act));
  }
}

const CALM: Fate = {
  pausedMs: 0,
  pausedInWriteMs: 0,
  wallStepMs: 0,
  delaysMs: [5, 5, 5, 5],
  readIsLost: false,
  writeIsLost: false,
  answerIsLost: false,
};

/** More than the lease's duration. */
const CALM_ROUNDS = 20;

test('never do two candidates believe to hold the lease, and in calm one does', () => {
  let nTakeovers = 0;
  fc.assert(
    fc.property(candidate, candidate, (one, two) => {
      const time = new Timeline();
      const server = new LeaseServer();
      const processes = [one, two].map((each, index) => ({
        process: new Process(`p${index}`, { time, server }, each),
        fates: [...each.fates],
        nCalm: 0,
      }));
      const believers = () => processes.filter(({ process }) => process.believes());
      for (const each of processes) {
        const next = () => {
          const fate = each.fates.shift();
          if (fate === undefined) each.nCalm += 1;
          if (processes.every(({ nCalm }) => nCalm > CALM_ROUNDS)) return;
          each.process.round(fate ?? CALM, () => time.at(time.nowMs + DEFAULT_TIMING.retryPeriodMs, next));
        };
        time.at(0, next);
      }
      // Between events belief only ends; the check at each is a check at all times.
      time.run(() => {
        if (believers().length > 1) throw new Error(`two holders at ${time.nowMs} ms`);
      });
      nTakeovers += server.lease?.transitions ?? 0;
      expect(believers().map(({ process }) => identityOf(process.election.candidate))).toEqual([
        server.lease?.holder,
      ]);
    }),
    { numRuns: 300 },
  );
  expect(nTakeovers).toBeGreaterThan(100);
});

test('a released lease is taken at once, a held one only after its time', () => {
  const at = (monotonicMs: number): Moment => ({ monotonicMs, wallMs: 0 });
  const held: LeaseState = {
    holder: 'other_1',
    durationMs: 15_000,
    transitions: 3,
    acquireTime: 'then',
    resourceVersion: '7',
  };
  const start = newElection({ pod: 'p', process: '1' });
  const seen = afterRead(start, held, at(1000));
  expect(propose(seen, at(1000))).toBeUndefined();
  expect(propose(afterRead(seen, held, at(15_999)), at(15_999))).toBeUndefined();
  expect(propose(afterRead(seen, held, at(16_000)), at(16_000))).toMatchObject({
    holder: 'p_1',
    transitions: 4,
    resourceVersion: '7',
  });
  const released = { ...held, holder: '', durationMs: 1000, resourceVersion: '8' };
  expect(propose(afterRead(seen, released, at(1001)), at(1001))).toMatchObject({ resourceVersion: '8' });
});

test('a lease that somebody deleted counts as held until its time is over', () => {
  const at = (monotonicMs: number): Moment => ({ monotonicMs, wallMs: 0 });
  const held = {
    holder: 'other_1',
    durationMs: 15_000,
    transitions: 0,
    acquireTime: 'then',
    resourceVersion: '7',
  };
  const seen = afterRead(newElection({ pod: 'p', process: '1' }), held, at(0));
  expect(propose(afterRead(seen, undefined, at(2000)), at(2000))).toBeUndefined();
});

test('the next process of a pod takes the lease of the last one at once, and only at its first look', () => {
  const at = (monotonicMs: number): Moment => ({ monotonicMs, wallMs: 0 });
  const held = {
    holder: 'p_1',
    durationMs: 15_000,
    transitions: 0,
    acquireTime: 'then',
    resourceVersion: '7',
  };
  const next = newElection({ pod: 'p', process: '2' });
  expect(propose(afterRead(next, held, at(0)), at(0))).toMatchObject({ holder: 'p_2' });
  const woken = afterRead(newElection({ pod: 'p', process: '0' }), { ...held, holder: 'p_0' }, at(0));
  expect(propose(afterRead(woken, { ...held, resourceVersion: '9' }, at(1)), at(1))).toBeUndefined();
});

test('a wall clock that jumps ahead ends belief, as after a sleep of the machine', () => {
  const sent: Moment = { monotonicMs: 0, wallMs: 0 };
  const start = afterRead(newElection({ pod: 'p', process: '1' }), undefined, sent);
  const proposal = propose(start, sent)!;
  const lease = { ...proposal, acquireTime: 'now', resourceVersion: '1' };
  const holding = afterWrite(start, { proposal, lease, sent });
  expect(holdsForMs(holding, { monotonicMs: 1000, wallMs: 1000 })).toBe(9000);
  expect(holdsForMs(holding, { monotonicMs: 1000, wallMs: -50_000 })).toBe(9000);
  expect(holdsForMs(holding, { monotonicMs: 1000, wallMs: 60_000 })).toBe(0);
});
