import type { Curve } from '../layout/edge-bends.ts';
import type { Box, Point } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';
import type { GraphEdge, GraphNode, Lens } from '../model/graph-model.ts';
import type { Detail } from '../model/level-of-detail.ts';
import type { MapColors } from './map-colors.ts';

/** One frame of the map above its edges, in the map's own units. */
export interface Scene {
  readonly detail: Detail;
  readonly zoom: number;
  readonly colors: MapColors;
  readonly nowMs: number;
  /** Nodes in the view, clusters first. */
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly marks: Marks;
  readonly ghost?: Ghost;
  readonly lens: Lens;
  /** Phase from 0 to 1 of what moves; fixed where motion is reduced. */
  readonly phase: number;
}

/** A frame without what moves. */
export type StillScene = Omit<Scene, 'ghost' | 'phase'>;

/** Line from the gesture's source to the pointer. */
export interface Ghost {
  readonly from: Point;
  readonly to: Point;
  readonly legal: boolean;
}

export interface SceneNode {
  readonly node: GraphNode;
  readonly box: Box;
}

export interface SceneEdge extends Curve {
  readonly edge: GraphEdge;
}

/** What is transient: selection, focus, and the gesture. */
export interface Marks {
  readonly selected?: ElementKey | undefined;
  readonly focused?: ElementKey | undefined;
  readonly hovered?: ElementKey | undefined;
  readonly group: ReadonlySet<ElementKey>;
  /** Present while something is being connected. */
  readonly gesture?: {
    readonly source: ElementKey;
    readonly over?: ElementKey | undefined;
    readonly legal: ReadonlySet<ElementKey>;
  };
}
