import cytoscape from 'cytoscape';
import fcose from 'cytoscape-fcose';
import { expose } from 'comlink';
import { COMPOUND_PADDING, type Point } from './geometry.ts';

/** A graph as the worker gets it. */
export interface FcoseGraph {
  readonly nodes: readonly { key: string; parent?: string; width: number; height: number }[];
  readonly edges: readonly { source: string; target: string }[];
}

cytoscape.use(fcose);

/** Lays a graph out by forces; positions of leaves by key. */
async function layout(graph: FcoseGraph): Promise<[string, Point][]> {
  const cy = cytoscape({
    headless: true,
    styleEnabled: true,
    style: [
      { selector: 'node', style: { width: 'data(width)', height: 'data(height)', padding: '0px' } },
      { selector: ':parent', style: { padding: `${COMPOUND_PADDING}px` } },
    ],
    elements: [
      ...graph.nodes.map((node) => ({
        group: 'nodes' as const,
        data: {
          id: node.key,
          width: node.width,
          height: node.height,
          ...(node.parent === undefined ? {} : { parent: node.parent }),
        },
      })),
      ...graph.edges.map((edge) => ({ group: 'edges' as const, data: { ...edge } })),
    ],
  });
  const run = cy.layout({
    name: 'fcose',
    quality: graph.nodes.length > 1500 ? 'draft' : 'default',
    animate: false,
    randomize: true,
    nodeDimensionsIncludeLabels: false,
    idealEdgeLength: 190,
    nodeSeparation: 110,
    nodeRepulsion: 9000,
    packComponents: false,
  } as cytoscape.LayoutOptions);
  const stopped = run.promiseOn('layoutstop');
  run.run();
  await stopped;
  return cy
    .nodes()
    .toArray()
    .filter((node) => !node.isParent())
    .map((node) => [node.id(), { x: node.position('x'), y: node.position('y') }]);
}

const api = { layout };
export type FcoseWorker = typeof api;
expose(api);
