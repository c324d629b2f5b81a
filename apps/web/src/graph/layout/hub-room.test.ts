import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxAround, boxesOverlap, scaledAbout, sizeOf, type Box } from './geometry.ts';
import { hubRoom, hubScale } from './hub-room.ts';

const at = fc.record({ x: fc.integer({ min: -900, max: 900 }), y: fc.integer({ min: -900, max: 900 }) });
const hubsAndClusters = fc
  .record({ hubs: fc.array(at, { maxLength: 6 }), clusters: fc.array(at, { maxLength: 6 }) })
  .map(({ hubs, clusters }) => ({
    hubs: hubs.map((center) => boxAround(center, sizeOf({ type: 'domain' }))),
    clusters: clusters.map((center) => boxAround(center, sizeOf({ type: 'cluster' }))),
  }));

describe('hubs from far away', () => {
  it('grow until two of them meet, or one meets a cluster, and no farther', () => {
    fc.assert(
      fc.property(hubsAndClusters, ({ hubs, clusters }) => {
        const room = hubRoom(hubs, clusters);
        if (room < 1 || room === Infinity) return;
        expect(meetings(hubs, clusters, room * 0.999)).toBe(0);
        expect(meetings(hubs, clusters, room * 1.001)).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('are drawn 80 pixels wide where there is room, and at their own size from near', () => {
    const { width } = sizeOf({ type: 'domain' });
    expect(hubScale(0.2) * width * 0.2).toBeCloseTo(80);
    expect(hubScale(1)).toBe(1);
    expect(hubScale(0.2, 1.5)).toBe(1.5);
    expect(hubScale(0.2, 0.4)).toBe(1);
    expect(hubScale(0.001)).toBe(6);
  });
});

function meetings(hubs: readonly Box[], clusters: readonly Box[], times: number): number {
  const grown = hubs.map((hub) =>
    scaledAbout({ x: hub.left + hub.width / 2, y: hub.top + hub.height / 2 }, hub, times),
  );
  return grown.flatMap((hub, index) =>
    [...grown.slice(index + 1), ...clusters].filter((other) => boxesOverlap(hub, other)),
  ).length;
}
