import type { NodeReport } from '@flatland/shared/report/report';
import { expect, test } from 'vitest';
import { mayChangeVerdicts } from './follow-verdicts.ts';
import { NOTHING_KNOWN, type LiveState } from './live-state.ts';

function withReport(peer: { up: boolean; rxBytes: number }): LiveState {
  const report = {
    domains: [{ domain: 'red', peers: [{ cluster: 'west', node: 'b', ...peer }] }],
  } as unknown as NodeReport;
  return { ...NOTHING_KNOWN, reports: { 'east/a': report } };
}

test('verdicts are asked for again when objects change or a tunnel goes down, not for numbers', () => {
  const up = withReport({ up: true, rxBytes: 1 });
  expect(mayChangeVerdicts(up, NOTHING_KNOWN)).toBe(true);
  expect(mayChangeVerdicts(withReport({ up: true, rxBytes: 2 }), up)).toBe(false);
  expect(mayChangeVerdicts(withReport({ up: false, rxBytes: 2 }), up)).toBe(true);
  expect(mayChangeVerdicts({ ...up, topology: { ...up.topology } }, up)).toBe(true);
  expect(mayChangeVerdicts({ ...up, probes: {} }, up)).toBe(false);
});
