import { describe, expect, it } from 'vitest';
import type { CountedEdge, MemberEdge, MemberState } from '../model/graph-model.ts';
import { detailAt } from '../model/level-of-detail.ts';
import type { MapColors } from '../paint/map-colors.ts';
import { edgeLook, rateWidth } from './edge-look.ts';

const colors = {
  hues: ['#hue'],
  staged: '#staged',
  fail: '#fail',
  ink: '#ink',
  ink3: '#ink3',
} as unknown as MapColors;
const mark = { name: 'red', hue: { slot: 0, patterned: false, letters: 'RE' } };

describe('the level of detail', () => {
  it.each([
    [0.29, 'far'],
    [0.3, 'dots'],
    [0.49, 'dots'],
    [0.5, 'names'],
    [1.19, 'names'],
    [1.2, 'close'],
  ])('at zoom %f is %s', (zoom, detail) => {
    expect(detailAt(zoom)).toBe(detail);
  });

  it('shows memberships near, and counted edges far', () => {
    expect(look(member({ kind: 'member' }), 'names').off).toBe(false);
    expect(look(member({ kind: 'member' }), 'far').off).toBe(true);
    expect(look(counted, 'names').off).toBe(true);
    expect(look(counted, 'far').off).toBe(false);
  });

  it('never hides an error or a staged change', () => {
    expect(look(member({ kind: 'failed', code: 'prefix-clash', detail: '' }), 'far').off).toBe(false);
    expect(look(member({ kind: 'disagrees', code: 'probe-timeout' }), 'far').off).toBe(false);
    expect(look(member({ kind: 'staged-add' }), 'far').off).toBe(false);
    expect(look(member({ kind: 'staged-remove' }), 'far').off).toBe(false);
  });
});

describe('the line of a membership', () => {
  it('differs in more than colour between states', () => {
    const lines = (['member', 'staged-add', 'staged-remove'] as const).map(
      (kind) => look(member({ kind }), 'names').line,
    );
    expect(lines).toEqual(['solid', 'dashed', 'dotted']);
    expect(look(member({ kind: 'programming', programmed: 0, instances: 1 }), 'names').line).toBe('dashed');
  });

  it('has its domain’s colour, or that of its status', () => {
    expect(look(member({ kind: 'member' }), 'names').color).toBe('#hue');
    expect(look(member({ kind: 'staged-add' }), 'names').color).toBe('#staged');
    expect(look(member({ kind: 'disagrees', code: 'probe-timeout' }), 'names').color).toBe('#fail');
  });
});

it('grows with the rate of traffic, and has bounds', () => {
  expect(rateWidth(0)).toBeLessThan(rateWidth(1000));
  expect(rateWidth(1000)).toBeLessThan(rateWidth(1_000_000));
  expect(rateWidth(1e15)).toBeLessThan(10);
});

function look(edge: MemberEdge | CountedEdge, detail: 'far' | 'names') {
  return edgeLook(edge, { colors, detail, lens: 'members', selected: false });
}

function member(state: MemberState): MemberEdge {
  return { type: 'member', key: 'membership:a|red', source: 'workload:a', target: 'domain:red', mark, state };
}

const counted: CountedEdge = {
  type: 'counted',
  key: 'counted:cluster:c|red',
  source: 'cluster:c',
  target: 'domain:red',
  mark,
  count: 4,
  staged: false,
  failed: false,
};
