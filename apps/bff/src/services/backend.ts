import { randomBytes, randomUUID } from 'node:crypto';
import { objectKey } from '@flatland/shared/plan/object-key';
import type { ChangeSetSummary, ConsoleEvent, PairProbe } from '@flatland/shared/report/console-event';
import type { Logger } from 'pino';
import type { Console } from '../api/console.ts';
import { nowMs } from '../clock.ts';
import { Clusters } from '../clusters/clusters.ts';
import type { ConfiguredCluster } from '../clusters/connections.ts';
import { CredentialVault } from '../credentials/credential-vault.ts';
import { Executor } from '../executor/executor.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { Sessions } from '../http/sessions.ts';
import { toSummary } from '../journal/change-set-record.ts';
import type { Journal } from '../journal/journal.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { Patrol } from '../prove/patrol.ts';
import { probePair, type ProbeOrder } from '../prove/prober.ts';
import { Prover } from '../prove/prover.ts';
import { DriftKeeper } from '../state/drift-keeper.ts';
import { EventRing } from '../state/event-ring.ts';
import { FlowHistory } from '../state/flow-history.ts';
import { ProbeStore } from '../state/probe-store.ts';
import { ReportStore } from '../state/report-store.ts';
import { WorldKeeper, type World } from '../state/world.ts';
import { ChangeSets } from './change-sets.ts';
import { ClusterConnections } from './cluster-connections.ts';
import { createConsole } from './console.ts';
import { Drift } from './drift.ts';
import { datapathOf } from './overview.ts';
import { PairProbes } from './pair-probes.ts';
import { createReadiness } from './readiness.ts';

/** Change sets that a tab gets when it opens. */
const N_RECENT = 50;

export interface BackendOptions {
  readonly configured: readonly ConfiguredCluster[];
  readonly journal: Journal;
  /** Where the key of stored credentials is. */
  readonly dataDirectory: string;
  readonly sessions: Sessions;
  readonly isLab: boolean;
  readonly logger: Logger;
  /** A one-time link to a token, once the port is known. */
  readonly linkTo: (token: string) => string;
  /** @default 500 */
  readonly patrolEveryMs?: number;
  /** @default 2000 */
  readonly heartbeatMs?: number;
}

/** Everything behind the HTTP server. */
export interface Backend {
  readonly console: Console;
  readonly metrics: Metrics;
  readonly readiness: () => Readiness;
  start(): void;
  /** Waits until the clusters that answer were read whole once, or for so long. */
  firstRead(timeoutMs: number): Promise<void>;
  /** Ends what is under way: steps and probes finish, watches stop. */
  stop(): Promise<void>;
}

/** Joins clusters, state, journal, executor and prover. Nothing runs before `start`. */
export function createBackend(options: BackendOptions): Backend {
  const { journal, logger, sessions } = options;
  const startedAtMs = nowMs();
  const onError = (error: unknown) => logger.error({ err: error }, 'background work failed');

  const publish = (event: ConsoleEvent) => {
    metrics.countEvent(event.kind);
    ring.publish(event);
  };
  journal.audit.onAppend = (seq) => publish({ kind: 'audit', seq });
  const onProgress = (changeSet: ChangeSetSummary) => {
    publish({ kind: 'change-set', changeSet });
    drift.noteChangeSet(changeSet.id);
  };
  const reports = new ReportStore({
    passOn: (report) => publish({ kind: 'report', report }),
    onTunnels: () => keeper.changed(),
  });
  const probes = new ProbeStore((probe) => {
    metrics.countProbe(outcomeOf(probe));
    publish({ kind: 'probe', probe });
  });
  const flows = new FlowHistory(nowMs);
  const vault = new CredentialVault({
    store: journal.connectedClusters,
    dataDirectory: options.dataDirectory,
    randomBytes,
  });
  const clusters = new Clusters({
    configured: options.configured,
    connected: vault.open(),
    onChange: () => keeper.changed(),
    onReport: (report) => {
      reports.put(report);
      flows.note(report);
    },
    onLog: ({ kind, message }) => {
      metrics.countWatchFault(kind);
      logger.debug({ kind }, message);
    },
    ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
  });
  const reachable = new Set<string>();
  const keeper = new WorldKeeper({
    snapshot: () => clusters.snapshot(),
    tunnels: () => reports.tunnels(),
    nowMs,
    onRebuilt: (world, patch) => {
      clusters.followAgents();
      reports.keepOnly(world.topology.nodes);
      probes.keepOnly(world.topology.workloads);
      if (patch !== undefined) publish({ kind: 'topology', patch });
      wakeReturned(world, reachable, executor);
      prover.onWorld(world);
      patrol.onWorld(world);
      drift.changed();
    },
  });
  const world = () => keeper.current();
  const drift = new DriftKeeper({
    appliedSteps: journal.appliedSteps,
    snapshot: () => world().snapshot,
    hasRead: (cluster, kind) => clusters.hasRead(cluster, kind),
    nowMs,
    onDrift: (drifted) => publish({ kind: 'drift', drifted }),
    onError,
  });
  const ring = new EventRing({
    epoch: randomUUID().replaceAll('-', '').slice(0, 12),
    snapshot: () => ({
      kind: 'snapshot',
      topology: world().topology,
      reports: reports.all(),
      probes: probes.all(),
      changeSets: journal.changeSets.list({ limit: N_RECENT }).items.map(toSummary),
      drifted: drift.all(),
    }),
  });
  const metrics = createMetrics({
    clusters: () =>
      clusters.all().map((watch) => ({
        name: watch.name,
        reachable: watch.pulse().reachable,
        nObjects: watch.snapshot().objects.length,
      })),
    nSubscribers: () => ring.nSubscribers(),
    worldBuildMs: () => keeper.lastBuildMs(),
    nDisagreements: () => probes.all().filter((probe) => !probe.agrees).length,
  });
  const client = (cluster: string) => clusters.client(cluster);
  const isReadOnly = (cluster: string) => clusters.isReadOnly(cluster);
  const probe = (order: ProbeOrder) =>
    probePair(order, {
      world,
      client,
      nowMs,
      agentOn: (cluster, node) => clusters.agentOn(cluster, node),
      datapath: () => (datapathOf(reports) === 'in-memory' ? 'in-memory' : 'kernel'),
    });
  const prover = new Prover({
    journal,
    probe,
    onProgress,
    nowMs,
    onError,
    onProbe: (result) => probes.put(result),
  });
  const executor = new Executor({
    journal,
    client,
    onProgress,
    nowMs,
    onError,
    isReadOnly,
    lastSeen: (step) => objectOf(world(), step.id, step.cluster),
    onSettled: (outcome) => metrics.countStep(outcome),
    onApplied: (id) => {
      markReverted(journal, id, onProgress);
      prover.follow(id, world());
    },
  });
  const patrol = new Patrol({
    world,
    probe,
    probes,
    random: Math.random,
    ...(options.patrolEveryMs === undefined ? {} : { everyMs: options.patrolEveryMs }),
  });
  const readiness = createReadiness(clusters, world);
  const changeSets = new ChangeSets({
    journal,
    executor,
    nowMs,
    newId: randomUUID,
    onProgress,
    onAdopted: (id) => prover.follow(id, world()),
    planner: {
      client,
      isReadOnly,
      nowMs,
      world: () => keeper.rebuild(),
      unread: () => unreadClusters(clusters),
    },
  });
  const connections = new ClusterConnections({
    clusters,
    vault,
    journal,
    world,
    nowMs,
    isBeingWritten: (cluster) => isBeingWritten(cluster, journal, executor),
  });
  const console = createConsole({
    connections,
    journal,
    sessions,
    clusters,
    world,
    ring,
    reports,
    flows,
    changeSets,
    drift: new Drift({
      keeper: drift,
      changeSets,
      client,
      nowMs,
      lastSeen: (id, cluster) => objectOf(world(), id, cluster),
    }),
    readiness,
    startedAtMs,
    isLab: options.isLab,
    linkTo: options.linkTo,
    nowMs,
    pairProbes: new PairProbes({ world, probe, probes }),
  });
  const sweep = setInterval(() => sweepSessions(sessions, onError), 2000);
  return {
    console,
    metrics,
    readiness,
    start() {
      clusters.start();
      executor.resume();
      prover.resume(world());
      patrol.start();
    },
    firstRead: (timeoutMs) => clusters.firstRead(timeoutMs),
    async stop() {
      clearInterval(sweep);
      patrol.stop();
      await executor.stop();
      await prover.stop();
      keeper.stop();
      drift.stop();
      reports.stop();
      await clusters.stop();
    },
  };
}

/** Steps that wait for a cluster go on as soon as it answers again. */
function wakeReturned(world: World, reachable: Set<string>, executor: Executor): void {
  for (const id of reachable) if (world.topology.clusters[id] === undefined) reachable.delete(id);
  for (const cluster of Object.values(world.topology.clusters)) {
    if (!cluster.reachable) reachable.delete(cluster.id);
    else if (!reachable.has(cluster.id)) {
      reachable.add(cluster.id);
      executor.wakeWaiting(cluster.id);
    }
  }
}

function markReverted(journal: Journal, id: string, onProgress: (summary: ChangeSetSummary) => void): void {
  const original = journal.changeSets.get(id)?.revertOf;
  if (original === undefined) return;
  journal.changeSets.setReverted(original, id);
  const record = journal.changeSets.get(original);
  if (record !== undefined) onProgress(toSummary(record));
}

/** An object as it was last seen, by its `objectKey`. */
function objectOf({ snapshot }: World, id: string, cluster: string) {
  const objects = snapshot.clusters.find((seen) => seen.cluster === cluster)?.objects ?? [];
  return objects.find((object) => objectKey(cluster, object) === id);
}

function isBeingWritten(cluster: string, { changeSets }: Journal, executor: Executor): boolean {
  return changeSets
    .idsInState('applying')
    .some(
      (id) => executor.isRunning(id) && changeSets.get(id)?.steps.some((step) => step.cluster === cluster),
    );
}

function unreadClusters(clusters: Clusters): string[] {
  return clusters
    .all()
    .filter((watch) => watch.pulse().reachable && watch.waitsFor().length > 0)
    .map(({ name }) => name);
}

function outcomeOf(probe: PairProbe): 'agrees' | 'disagrees' | 'impossible' {
  if (probe.result.reason === 'probe-impossible') return 'impossible';
  return probe.agrees ? 'agrees' : 'disagrees';
}

function sweepSessions(sessions: Sessions, onError: (error: unknown) => void): void {
  try {
    sessions.endExpired();
  } catch (error) {
    onError(error);
  }
}
