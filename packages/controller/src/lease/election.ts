/** The lease lasts this long for everybody else, from when they saw it change (client-go's LeaseDuration). */
export const LEASE_DURATION_MS = 15_000;
/** A holder that was not confirmed for this long gives up (client-go's RenewDeadline). */
export const RENEW_DEADLINE_MS = 10_000;
/** Between two looks at the lease (client-go's RetryPeriod). */
export const RETRY_PERIOD_MS = 2_000;

/** How long the parts of an election take, in milliseconds. `renewDeadlineMs` must be less than `durationMs`. */
export interface ElectionTiming {
  readonly durationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export const DEFAULT_TIMING: ElectionTiming = {
  durationMs: LEASE_DURATION_MS,
  renewDeadlineMs: RENEW_DEADLINE_MS,
  retryPeriodMs: RETRY_PERIOD_MS,
};

/**
 * A point in time by two clocks of one process. The monotonic one may stand still while the machine sleeps, the wall
 * clock may be set: a holder believes the faster of the two, a candidate only the monotonic one.
 */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Who stands for election: a process of a pod. The processes of a pod run one after the other. */
export interface Candidate {
  readonly pod: string;
  readonly process: string;
}

/** What the API says of the lease. */
export interface LeaseState {
  /** Empty where it was released. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly acquireTime: string | undefined;
  readonly resourceVersion: string;
}

/** A candidate's state. */
export interface Election {
  readonly candidate: Candidate;
  readonly timing: ElectionTiming;
  /** Whether the API has told of the lease, be it that there is none. */
  readonly hasRead: boolean;
  /** The lease as last seen, and since when it is so. */
  readonly seen: { readonly lease: LeaseState; readonly sinceMs: number } | undefined;
  /** When the last write was sent that the API confirmed; absent where somebody else was seen to hold the lease. */
  readonly renewed: Moment | undefined;
  /** Counts acquisitions: what began in an earlier term has no say in a later one. */
  readonly term: number;
}

/** What to write: a new Lease, or the next version of the one seen (compare-and-swap on its resourceVersion). */
export type LeaseProposal = Omit<LeaseState, 'resourceVersion' | 'acquireTime'> & {
  /** Absent: the Lease is created. */
  readonly resourceVersion: string | undefined;
  /** Absent: the lease is acquired now. */
  readonly acquireTime: string | undefined;
};

/** A candidate that knows nothing yet. */
export function newElection(candidate: Candidate, timing: ElectionTiming = DEFAULT_TIMING): Election {
  return { candidate, timing, hasRead: false, seen: undefined, renewed: undefined, term: 0 };
}

/** The name of a candidate in the Lease. */
export function identityOf(candidate: Candidate): string {
  return `${candidate.pod}_${candidate.process}`;
}

/** The state after the API told of the lease; `undefined` where there is none. `now` is when the answer had come. */
export function afterRead(election: Election, lease: LeaseState | undefined, now: Moment): Election {
  const { seen } = election;
  if (lease === undefined) {
    // Whoever held a lease that somebody deleted may not know it yet: its time runs on.
    const isHeld = seen !== undefined && seen.lease.holder !== '' && !isOwn(election, seen.lease);
    return { ...election, hasRead: true, renewed: undefined, seen: isHeld ? seen : undefined };
  }
  const isSame = seen?.lease.resourceVersion === lease.resourceVersion;
  const sinceMs = isSame ? seen.sinceMs : now.monotonicMs;
  // A pod's processes do not overlap, so that a first look that shows the pod shows a process that has ended.
  const isPredecessors = !election.hasRead && lease.holder.startsWith(`${election.candidate.pod}_`);
  return {
    ...election,
    hasRead: true,
    seen: { lease, sinceMs: isPredecessors ? -Infinity : sinceMs },
    renewed: isOwn(election, lease) ? election.renewed : undefined,
  };
}

/** What a candidate that has just read the lease writes; undefined while it is another's. */
export function propose(election: Election, now: Moment): LeaseProposal | undefined {
  const { seen, timing } = election;
  if (!election.hasRead) return undefined;
  const mine = { holder: identityOf(election.candidate), durationMs: timing.durationMs };
  if (seen === undefined)
    return { ...mine, transitions: 0, acquireTime: undefined, resourceVersion: undefined };
  const { lease, sinceMs } = seen;
  const { resourceVersion, transitions, acquireTime } = lease;
  if (isOwn(election, lease) && election.renewed !== undefined)
    return { ...mine, transitions, acquireTime, resourceVersion };
  const lastsMs = Math.max(lease.durationMs, timing.durationMs);
  const isFree = lease.holder === '' || isOwn(election, lease) || now.monotonicMs - sinceMs >= lastsMs;
  if (!isFree) return undefined;
  return { ...mine, transitions: transitions + 1, acquireTime: undefined, resourceVersion };
}

/** The state after the API confirmed a proposal that was sent at `sent`; the lease lasts from then, not from now. */
export function afterWrite(
  election: Election,
  write: { readonly proposal: LeaseProposal; readonly lease: LeaseState; readonly sent: Moment },
): Election {
  const isRenewal = election.renewed !== undefined && write.proposal.acquireTime !== undefined;
  return {
    ...election,
    seen: { lease: write.lease, sinceMs: write.sent.monotonicMs },
    renewed: write.sent,
    term: isRenewal ? election.term : election.term + 1,
  };
}

/** The state after the candidate gave the lease up by itself. */
export function afterRelease(election: Election): Election {
  return { ...election, renewed: undefined };
}

/** How long the candidate may still act as the holder, in milliseconds; 0 where it may not. */
export function holdsForMs(election: Election, now: Moment): number {
  const { renewed, timing } = election;
  if (renewed === undefined) return 0;
  const elapsedMs = Math.max(now.monotonicMs - renewed.monotonicMs, now.wallMs - renewed.wallMs);
  return Math.max(0, timing.renewDeadlineMs - elapsedMs);
}

function isOwn(election: Election, lease: LeaseState): boolean {
  return lease.holder === identityOf(election.candidate);
}
