import type { GraphEdge, Lens } from '../model/graph-model.ts';
import type { Detail } from '../model/level-of-detail.ts';
import type { MapColors } from '../paint/map-colors.ts';

/** How an edge's line is drawn. What it says is painted above it. */
export interface EdgeLook {
  readonly color: string;
  readonly width: number;
  readonly line: 'solid' | 'dashed' | 'dotted';
  readonly opacity: number;
  readonly arrow: 'none' | 'triangle';
  readonly off: boolean;
}

/** The look of an edge; counted edges stand in for memberships where the map is far away. */
export function edgeLook(
  edge: GraphEdge,
  context: {
    readonly colors: MapColors;
    readonly detail: Detail;
    readonly lens: Lens;
    readonly selected: boolean;
  },
): EdgeLook {
  const { colors, detail, lens, selected } = context;
  const far = detail === 'far';
  const plain = { width: selected ? 3 : 1.75, line: 'solid', opacity: 1, arrow: 'none', off: false } as const;
  switch (edge.type) {
    case 'member': {
      const hue = colors.hues[edge.mark.hue.slot] ?? colors.ink;
      const quiet = lens === 'traffic' && !selected ? { opacity: 0.22, width: 1 } : {};
      const { kind } = edge.state;
      if (kind === 'staged-add') return { ...plain, color: colors.staged, line: 'dashed', width: 2.25 };
      if (kind === 'staged-remove') return { ...plain, color: colors.staged, line: 'dotted', width: 2 };
      const base = { ...plain, color: hue, off: far, ...quiet };
      if (kind === 'failed' || kind === 'disagrees')
        return { ...base, color: colors.fail, line: 'dashed', off: false };
      if (kind === 'programming') return { ...base, line: 'dashed' };
      return edge.mark.hue.patterned ? { ...base, line: 'dashed' } : base;
    }
    case 'counted': {
      const hue = colors.hues[edge.mark.hue.slot] ?? colors.ink;
      const standsIn = edge.source.startsWith('cluster:');
      return { ...plain, color: hue, width: 1.5 + Math.min(9, edge.count / 3), off: standsIn && !far };
    }
    case 'span':
    case 'enrol':
      return { ...plain, color: colors.staged, line: 'dashed' };
    case 'traffic':
      return edge.state === 'denied'
        ? { ...plain, color: colors.fail, line: 'dashed', off: far }
        : {
            ...plain,
            color: edge.state === 'stale' ? colors.ink3 : (colors.hues[edge.mark.hue.slot] ?? colors.ink),
            width: rateWidth(edge.bytesPerSecond),
            opacity: edge.state === 'stale' ? 0.5 : 0.85,
            arrow: 'triangle',
            off: far,
          };
    case 'tunnel':
      return {
        ...plain,
        color: edge.up ? (colors.hues[edge.mark.hue.slot] ?? colors.ink) : colors.fail,
        width: selected ? 2.5 : 1.25,
        line: edge.up ? 'solid' : 'dashed',
      };
  }
}

/** Width by the logarithm of the rate: 1 for nothing, 8 for a gigabyte a second. */
export function rateWidth(bytesPerSecond: number): number {
  return 1.25 + Math.min(7, Math.log10(1 + bytesPerSecond) * 0.78);
}
