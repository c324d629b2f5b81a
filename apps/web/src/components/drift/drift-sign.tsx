import { cn } from '../../lib/cn.ts';
import { driftText } from '../../graph/model/drift-marks.ts';

/** Amber diamond with ≠, as the map draws it. */
export function DriftShape({ x, y, size }: { x: number; y: number; size: number }) {
  const half = size * 0.6;
  return (
    <>
      <path d={`M${x} ${y - half}l${half} ${half}-${half} ${half}-${half}-${half}Z`} fill="var(--warn)" />
      <path
        d={`M${x - size * 0.24} ${y - size * 0.1}h${size * 0.48}m0 ${size * 0.2}h${-size * 0.48}M${x + size * 0.12} ${y - size * 0.27}l${-size * 0.24} ${size * 0.54}`}
        stroke="var(--card)"
        strokeWidth={size * 0.09}
      />
    </>
  );
}

/** Says of an element that objects of it are not what was applied; nothing where none is. */
export function DriftSign({ objects, className }: { objects: number | undefined; className?: string }) {
  if (objects === undefined || objects === 0) return null;
  const said = driftText(objects);
  return (
    <svg
      viewBox="0 0 20 20"
      role="img"
      fill="none"
      aria-label={said}
      className={cn('size-4 shrink-0', className)}
    >
      <title>{said}</title>
      <DriftShape x={10} y={10} size={16} />
    </svg>
  );
}
