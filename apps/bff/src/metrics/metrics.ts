import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** Counters that parts of the process raise. */
export interface Metrics {
  readonly registry: Registry;
  countCall(path: string, outcome: 'ok' | 'error'): void;
  countEvent(kind: string): void;
  countProbe(outcome: 'agrees' | 'disagrees' | 'impossible'): void;
  countStep(outcome: string): void;
  countWatchFault(kind: string): void;
}

/** What is read when Prometheus asks. */
export interface Observed {
  readonly clusters: () => readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly nObjects: number;
  }[];
  readonly nSubscribers: () => number;
  readonly worldBuildMs: () => number;
  readonly nDisagreements: () => number;
}

/** The metrics of the process, in a registry of their own. */
export function createMetrics(observed: Observed): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const calls = new Counter({
    name: 'flatland_calls_total',
    help: 'Calls of procedures',
    labelNames: ['path', 'outcome'],
    registers,
  });
  const events = counter('flatland_events_total', 'Events published', 'kind');
  const probes = counter('flatland_probes_total', 'Probes sent', 'outcome');
  const steps = counter('flatland_steps_total', 'Steps of change sets tried', 'outcome');
  const faults = counter('flatland_watch_faults_total', 'Faults of list-watches', 'kind');
  gauge('flatland_event_subscribers', 'Open event streams', observed.nSubscribers);
  gauge(
    'flatland_world_build_seconds',
    'Duration of the last build of the topology',
    () => observed.worldBuildMs() / 1000,
  );
  gauge(
    'flatland_probe_disagreements',
    'Pairs whose last probe contradicts the verdict',
    observed.nDisagreements,
  );
  clusterGauges(registry, observed);
  return {
    registry,
    countCall: (path, outcome) => calls.inc({ path, outcome }),
    countEvent: (kind) => events.inc({ kind }),
    countProbe: (outcome) => probes.inc({ outcome }),
    countStep: (outcome) => steps.inc({ outcome }),
    countWatchFault: (kind) => faults.inc({ kind }),
  };
}

function clusterGauges(registry: Registry, observed: Observed): void {
  const common = { labelNames: ['cluster'], registers: [registry] };
  new Gauge({
    ...common,
    name: 'flatland_cluster_reachable',
    help: '1 where the cluster’s API answers',
    collect() {
      this.reset();
      for (const { name, reachable } of observed.clusters()) this.set({ cluster: name }, reachable ? 1 : 0);
    },
  });
  new Gauge({
    ...common,
    name: 'flatland_cluster_objects',
    help: 'Objects known of the cluster',
    collect() {
      this.reset();
      for (const { name, nObjects } of observed.clusters()) this.set({ cluster: name }, nObjects);
    },
  });
}
