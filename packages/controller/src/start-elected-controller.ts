import { systemClock } from '@flatland/kube/client/clock';
import type { Clock } from '@flatland/kube/client/clock';
import { DEFAULT_TIMING } from './lease/election.ts';
import type { Candidate, ElectionTiming, Moment } from './lease/election.ts';
import { guardWrites } from './lease/guard-writes.ts';
import { runElection } from './lease/run-election.ts';
import { dialOverTls } from './link/dial-link.ts';
import { startController } from './start-controller.ts';
import type { Controller, ControllerOptions } from './start-controller.ts';

export interface ElectedControllerOptions extends ControllerOptions {
  readonly candidate: Candidate;
  /** @default the machine's clocks */
  readonly moment?: () => Moment;
  /** @default client-go's: 15 s, 10 s, 2 s */
  readonly timing?: ElectionTiming;
}

/** One of several controllers of a cluster, of which the holder of the Lease works and the others stand by. */
export interface ElectedController extends Controller {
  /** Whether it is the one that works. */
  leads(): boolean;
}

/** The API has not told of the lease for this long: a controller that stands by could not take over. */
const SILENT_MS = 30_000;

/**
 * Starts a controller that works only while it holds the cluster's Lease, and asks by the clock before each write
 * whether it still does: one that was paused and woken writes nothing before it has the lease anew.
 */
export function startElectedController(options: ElectedControllerOptions): ElectedController {
  const { client, log, candidate } = options;
  const dial = options.dialLink ?? dialOverTls();
  let current: Controller | undefined;
  const election = runElection({
    client,
    candidate,
    timing: options.timing ?? DEFAULT_TIMING,
    moment: options.moment ?? systemMoment,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log,
    begin: (mayWriteForMs) => {
      const controller = startController({
        ...options,
        client: guardWrites(client, mayWriteForMs),
        dialLink(link, token) {
          const dialled = dial(link, token);
          return dialled.ok ? { ok: true, value: guardWrites(dialled.value, mayWriteForMs) } : dialled;
        },
      });
      current = controller;
      return controller;
    },
  });
  const leads = () => current !== undefined && election.term() === current;
  return {
    leads,
    ready: () => (leads() ? current!.ready() : election.silentForMs() < SILENT_MS),
    stop: () => election.stop(),
  };
}

/** Now, by the machine's clocks. */
export function systemMoment(clock: Pick<Clock, 'nowMs'> = systemClock): Moment {
  return { monotonicMs: clock.nowMs(), wallMs: Date.now() };
}
