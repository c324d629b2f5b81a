import { wrap } from 'comlink';
import type { GraphModel } from '../model/graph-model.ts';
import type { FcoseGraph, FcoseWorker } from './fcose.worker.ts';
import { sizeOf, type Positions } from './geometry.ts';

/** A layout that takes longer is given up. */
const TIME_LIMIT_MS = 20_000;

/** Lays a model out by forces in a worker; undefined where that took too long. */
export async function runFcose(model: GraphModel): Promise<Positions | undefined> {
  const worker = new Worker(new URL('./fcose.worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), TIME_LIMIT_MS);
  });
  try {
    const done = wrap<FcoseWorker>(worker).layout(fcoseGraph(model));
    const positions = await Promise.race([done, late]);
    return positions && new Map(positions);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}

/** The model without what layouts by forces do not move: mesh pills, which follow their hub. */
export function fcoseGraph(model: GraphModel): FcoseGraph {
  const nodes = [...model.nodes.values()].filter((node) => node.type !== 'mesh');
  const keys = new Set(nodes.map((node) => node.key));
  return {
    nodes: nodes.map((node) => ({
      key: node.key,
      ...(node.parent === undefined ? {} : { parent: node.parent }),
      ...sizeOf(node),
    })),
    edges: [...model.edges.values()]
      .filter((edge) => edge.type !== 'counted' && keys.has(edge.source) && keys.has(edge.target))
      .map((edge) => ({ source: edge.source, target: edge.target })),
  };
}
