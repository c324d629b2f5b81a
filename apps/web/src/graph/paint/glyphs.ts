import type { WorkloadKind } from '@flatland/shared/model/membership';

/** Icons of the map on a grid of 24 units, from Lucide (ISC licence). */
const PATHS = {
  Deployment: [
    'M12.83 2.18a2 2 0 0 0-1.66 0L2.6 6.08a1 1 0 0 0 0 1.83l8.58 3.91a2 2 0 0 0 1.66 0l8.58-3.9a1 1 0 0 0 0-1.83z',
    'M2 12a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 12',
    'M2 17a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 17',
  ],
  StatefulSet: ['M3 5a9 3 0 1 0 18 0a9 3 0 1 0 -18 0', 'M3 5V19A9 3 0 0 0 21 19V5', 'M3 12A9 3 0 0 0 21 12'],
  DaemonSet: [
    'M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2z',
    'M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2',
  ],
  Pod: [
    'M21 8a2 2 0 0 0-1-1.73l-7-4a2 2 0 0 0-2 0l-7 4A2 2 0 0 0 3 8v8a2 2 0 0 0 1 1.73l7 4a2 2 0 0 0 2 0l7-4A2 2 0 0 0 21 16Z',
    'm3.3 7 8.7 5 8.7-5',
    'M12 22V12',
  ],
  cluster: [
    'M16 16h6v6h-6z',
    'M2 16h6v6H2z',
    'M9 2h6v6H9z',
    'M5 16v-3a1 1 0 0 1 1-1h12a1 1 0 0 1 1 1v3',
    'M12 12V8',
  ],
  node: [
    'M4 2h16a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z',
    'M4 14h16a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z',
    'M6 6h.01',
    'M6 18h.01',
  ],
  lock: [
    'M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z',
    'M7 11V7a5 5 0 0 1 10 0v4',
  ],
  check: ['M20 6 9 17l-5-5'],
  plus: ['M5 12h14', 'M12 5v14'],
  minus: ['M5 12h14'],
  bang: ['M12 6v8', 'M12 18h.01'],
} as const;

export type Glyph = keyof typeof PATHS;

const cache = new Map<string, Path2D>();

/** Strokes an icon with its top left corner at a point. */
export function drawGlyph(
  ctx: CanvasRenderingContext2D,
  glyph: Glyph,
  at: {
    readonly x: number;
    readonly y: number;
    readonly size: number;
    readonly color: string;
    readonly weight?: number;
  },
): void {
  ctx.save();
  ctx.translate(at.x, at.y);
  ctx.scale(at.size / 24, at.size / 24);
  ctx.strokeStyle = at.color;
  ctx.lineWidth = at.weight ?? 1.8;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  for (const data of PATHS[glyph]) ctx.stroke(path(data));
  ctx.restore();
}

/** Icon of a workload's kind. */
export function kindGlyph(kind: WorkloadKind): Glyph {
  return kind;
}

function path(data: string): Path2D {
  const known = cache.get(data);
  if (known) return known;
  const made = new Path2D(data);
  cache.set(data, made);
  return made;
}
