import { pointOnCurve, type Curve } from '../layout/edge-bends.ts';
import type { Box } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';
import type { GraphEdge, GraphNode, HiddenCounts } from '../model/graph-model.ts';
import type { GraphView } from './graph-view.ts';

/** What tests read of the map: `window.__flatlandGraph`. Positions are in pixels of the page. */
export interface GraphSeam {
  readonly ready: boolean;
  readonly nodes: readonly (GraphNode & {
    readonly rendered: Box & { readonly x: number; readonly y: number };
  })[];
  readonly edges: readonly (GraphEdge & {
    readonly visible: boolean;
    readonly rendered: { readonly x: number; readonly y: number };
  })[];
  readonly hidden: HiddenCounts;
  readonly selected: ElementKey | undefined;
  readonly focused: ElementKey | undefined;
  readonly gesture: string;
  /** Targets of the gesture that is going on: `legal`, or the code of the refusal. */
  readonly targets: Readonly<Record<ElementKey, string>>;
  readonly zoom: number;
  readonly detail: string;
}

declare global {
  interface Window {
    __flatlandGraph?: GraphSeam;
  }
}

/** Exposes a map to tests; read-only, and computed when it is read. */
export function exposeSeam(view: GraphView): void {
  const origin = () => view.element.getBoundingClientRect();
  const onPage = (x: number, y: number) => {
    const at = view.camera.toScreen({ x, y });
    return { x: at.x + origin().left, y: at.y + origin().top };
  };
  const middleOnPage = (curve: Curve) => {
    const at = pointOnCurve(curve, 0.5);
    return onPage(at.x, at.y);
  };
  window.__flatlandGraph = {
    get ready() {
      return view.element.isConnected && view.board.model.nodes.size > 0;
    },
    get nodes() {
      return view.board.sceneNodes().map(({ node, box }) => {
        const corner = onPage(box.left, box.top);
        const zoom = view.cy.zoom();
        const size = { width: box.width * zoom, height: box.height * zoom };
        return {
          ...node,
          rendered: {
            ...size,
            left: corner.x,
            top: corner.y,
            x: corner.x + size.width / 2,
            y: corner.y + size.height / 2,
          },
        };
      });
    },
    get edges() {
      const everywhere = { left: -1e9, top: -1e9, width: 2e9, height: 2e9 };
      return view.board
        .sceneEdges(everywhere, () => false)
        .map((drawn) => ({
          ...drawn.edge,
          visible: view.cy.getElementById(drawn.edge.key).data('off') !== true,
          rendered: middleOnPage(drawn),
        }));
    },
    get hidden() {
      return view.board.model.hidden;
    },
    get selected() {
      return view.selected;
    },
    get focused() {
      return view.focused;
    },
    get gesture() {
      return view.gesture.kind;
    },
    get targets() {
      return Object.fromEntries([...view.legality].map(([key, refusal]) => [key, refusal?.code ?? 'legal']));
    },
    get zoom() {
      return view.cy.zoom();
    },
    get detail() {
      return view.detail;
    },
  };
}
