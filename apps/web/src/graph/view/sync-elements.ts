import type cytoscape from 'cytoscape';
import { sizeOf, type Point } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';
import type { GraphModel, GraphNode } from '../model/graph-model.ts';
import type { EdgeLook } from './edge-look.ts';

/** Pills hang below their hub, side by side. */
const MESH_DROP = 54;
const MESH_STEP = 112;

/** Makes the drawn elements those of a model, by id: nothing that stays is made anew. */
export function syncElements(
  cy: cytoscape.Core,
  model: GraphModel,
  positions: ReadonlyMap<ElementKey, Point>,
  look: (key: ElementKey) => EdgeLook,
): void {
  cy.batch(() => {
    cy.elements()
      .filter((element) => !model.nodes.has(element.id()) && !model.edges.has(element.id()))
      .remove();
    for (const node of parentsFirst(model)) {
      const drawn = cy.getElementById(node.key);
      const at = positions.get(node.key);
      if (drawn.empty())
        cy.add({
          group: 'nodes',
          data: {
            id: node.key,
            type: node.type,
            ...sizeOf(node),
            ...(node.parent === undefined ? {} : { parent: node.parent }),
          },
          grabbable: node.type !== 'mesh',
          ...(at ? { position: { ...at } } : {}),
        });
      else if ((drawn.data('parent') as string | undefined) !== node.parent)
        drawn.move({ parent: node.parent ?? null });
    }
    for (const edge of model.edges.values()) {
      const data: EdgeLook = look(edge.key);
      const drawn = cy.getElementById(edge.key);
      if (drawn.empty())
        cy.add({
          group: 'edges',
          data: { id: edge.key, source: edge.source, target: edge.target, type: edge.type, bend: 0, ...data },
        });
      else setLook(drawn, data);
    }
  });
}

/** Gives edges their look again: the theme, the zoom or the selection changed. */
export function refreshLooks(cy: cytoscape.Core, look: (key: ElementKey) => EdgeLook | undefined): void {
  cy.batch(() => {
    cy.edges().forEach((edge) => {
      const data = look(edge.id());
      if (data) setLook(edge, data);
    });
  });
}

/** Gives hubs the size that they are drawn in, so that edges end at their rim. */
export function resizeHubs(cy: cytoscape.Core, times: number): void {
  const size = sizeOf({ type: 'domain' });
  const drawn = { width: size.width * times, height: size.height * times };
  const hubs = cy.nodes('[type = "domain"]');
  if (!hubs.every((hub) => hub.data('width') === drawn.width)) cy.batch(() => hubs.data(drawn));
}

/** Bends edges around what is in their way. */
export function syncBends(cy: cytoscape.Core, bends: ReadonlyMap<ElementKey, number>): void {
  cy.batch(() => {
    for (const [key, bend] of bends) {
      const edge = cy.getElementById(key);
      if (edge.nonempty() && edge.data('bend') !== bend) edge.data('bend', bend);
    }
  });
}

/** Where the pills of meshes go: below the hub of their domain. */
export function meshPositions(
  model: GraphModel,
  hubAt: (domain: string) => Point | undefined,
): Map<ElementKey, Point> {
  const placed = new Map<ElementKey, Point>();
  const onHub = new Map<string, ElementKey[]>();
  for (const node of model.nodes.values())
    if (node.type === 'mesh') onHub.set(node.domain, [...(onHub.get(node.domain) ?? []), node.key]);
  for (const [domain, keys] of onHub) {
    const hub = hubAt(domain);
    if (hub)
      for (const [index, key] of keys.entries())
        placed.set(key, { x: hub.x + (index - (keys.length - 1) / 2) * MESH_STEP, y: hub.y + MESH_DROP });
  }
  return placed;
}

function setLook(edge: cytoscape.SingularElementArgument, look: EdgeLook): void {
  for (const [name, value] of Object.entries(look)) if (edge.data(name) !== value) edge.data(name, value);
}

function parentsFirst(model: GraphModel): GraphNode[] {
  const depth = (node: GraphNode): number => {
    const parent = node.parent === undefined ? undefined : model.nodes.get(node.parent);
    return parent ? 1 + depth(parent) : 0;
  };
  return [...model.nodes.values()].toSorted((a, b) => depth(a) - depth(b));
}
