import { createReachability, type Reachability } from '@flatland/shared/reachability/explain';
import type { Tunnels } from '@flatland/shared/reachability/tunnels';
import type { TopologyPatch } from '@flatland/shared/report/console-event';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import type { Topology } from '@flatland/shared/topology/topology';
import { diffTopology } from './diff-topology.ts';

/** One consistent view: the objects, what they mean, what agents say of the ways between nodes, and who reaches whom. */
export interface World {
  readonly snapshot: Snapshot;
  readonly topology: Topology;
  readonly tunnels: Tunnels;
  readonly reachability: Reachability;
}

export interface WorldKeeperOptions {
  /** The same object as long as nothing changed. */
  readonly snapshot: () => Snapshot;
  /** The same object as long as nothing changed. */
  readonly tunnels: () => Tunnels;
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
    this.#world = buildWorld(options.snapshot(), options.tunnels());
  }

  current(): World {
    return this.#world;
  }

  /** How long the last rebuild took, in milliseconds. */
  lastBuildMs(): number {
    return this.#lastBuildMs;
  }

  /** Notes that a cluster or a tunnel changed. */
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
    const { nowMs, snapshot, tunnels, onRebuilt } = this.#options;
    const [taken, ways] = [snapshot(), tunnels()];
    const before = this.#world;
    if (taken === before.snapshot && ways === before.tunnels) return before;
    const startedMs = nowMs();
    this.#world = buildWorld(taken, ways, before);
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

/** The topology of the world before serves again where only tunnels changed. */
function buildWorld(snapshot: Snapshot, tunnels: Tunnels, before?: World): World {
  const topology = snapshot === before?.snapshot ? before.topology : buildTopology(snapshot);
  return { snapshot, topology, tunnels, reachability: createReachability(topology, tunnels) };
}
