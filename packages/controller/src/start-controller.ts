import { systemClock } from '@flatland/kube/client/clock';
import type { Clock, Random } from '@flatland/kube/client/clock';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { ClusterName } from '@flatland/shared/model/names';
import { collectGarbage } from './garbage/collect-garbage.ts';
import { dialOverTls } from './link/dial-link.ts';
import type { DialLink } from './link/dial-link.ts';
import { runLinks } from './link/run-links.ts';
import type { Log } from './run/log.ts';
import { watchOwnCluster } from './run/own-cluster.ts';
import { reportStatuses } from './status/report-statuses.ts';

export interface ControllerOptions {
  readonly cluster: ClusterName;
  /** The own cluster's API. Stays open when the controller stops. */
  readonly client: KubeClient;
  /** Makes the client of the cluster that a link leads to. @default dialOverTls() */
  readonly dialLink?: DialLink;
  readonly log: Log;
  /** Epoch-based: its time is written into conditions. @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/** A controller at work. */
export interface Controller {
  /** Whether its own cluster's objects have been listed. */
  ready(): boolean;
  stop(): Promise<void>;
}

/** Starts the controller of one cluster: mirrors, garbage, statuses. It survives everything but `stop`. */
export function startController(options: ControllerOptions): Controller {
  const own = watchOwnCluster({
    name: options.cluster,
    client: options.client,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: options.log,
  });
  const links = runLinks(own, {
    dial: options.dialLink ?? dialOverTls(),
    onPeerChange: () => statuses.trigger(),
  });
  const statuses = reportStatuses(own, () => links.homeDomains());
  const garbage = collectGarbage(own);
  return {
    ready: () => own.synced(),
    async stop() {
      own.stop();
      await Promise.all([links.stop(), statuses.stop(), garbage.stop()]);
    },
  };
}
