import { createReachability, type Reachability } from '@flatland/shared/reachability/explain';
import type { TopologyPatch } from '@flatland/shared/report/console-event';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import type { Topology } from '@flatland/shared/topology/topology';
import { diffTopology } from './diff-topology.ts';

/** One consistent view: the objects, what they mean, and who reaches whom. */
export interface World {
  readonly snapshot: Snapshot;
  readonly topology: Topology;
  readonly reachability: Reachability;
}

export interface WorldKeeperOptions {
  readonly snapshot: () => Snapshot;
  /** Called after each rebuild; without a patch where nothing that people see changed. */
  readonly onRebuilt: (world: World, patch: TopologyPatch | undefined) => void;
  readonly nowMs: () => number;
  /** Changes are gathered for this long. @default 40 */
  readonly gatherMs?: number;
}

/** After a rebuild that took t, at least this many times t is left to everything else. */
const REST_FACTOR = 3;

/** Rebuilds the world when clusters change: soon, and never so often that it keeps the process busy. */
export class WorldKeeper {
  readonly #options: WorldKeeperOptions;
  #world: World;
  #timer: NodeJS.Timeout | undefined;
  #restUntilMs = 0;
  #lastBuildMs = 0;

  constructor(options: WorldKeeperOptions) {
    this.#options = options;
    this.#world = buildWorld(options.snapshot());
  }

  current(): World {
    return this.#world;
  }

  /** How long the last rebuild took, in milliseconds. */
  lastBuildMs(): number {
    return this.#lastBuildMs;
  }

  /** Notes that a cluster changed. */
  changed(): void {
    if (this.#timer !== undefined) return;
    const { gatherMs = 40, nowMs } = this.#options;
    const delayMs = Math.max(gatherMs, this.#restUntilMs - nowMs());
    this.#timer = setTimeout(() => this.rebuild(), delayMs);
  }

  /** Rebuilds at once, so that what was just read counts. */
  rebuild(): World {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { nowMs, snapshot, onRebuilt } = this.#options;
    const taken = snapshot();
    if (taken === this.#world.snapshot) return this.#world;
    const startedMs = nowMs();
    const before = this.#world;
    this.#world = buildWorld(taken);
    const patch = diffTopology(before.topology, this.#world.topology);
    const endedMs = nowMs();
    this.#lastBuildMs = endedMs - startedMs;
    this.#restUntilMs = endedMs + this.#lastBuildMs * REST_FACTOR;
    onRebuilt(this.#world, patch);
    return this.#world;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function buildWorld(snapshot: Snapshot): World {
  const topology = buildTopology(snapshot);
  return { snapshot, topology, reachability: createReachability(topology) };
}
