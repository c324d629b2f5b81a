import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TestCounts } from './vitest-report.ts';

const zReport = z.looseObject({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
});

/** Reads Playwright's JSON report. A flaky test counts as failed. */
export function readPlaywrightReport(path: string): TestCounts {
  const { stats, errors } = zReport.parse(JSON.parse(readFileSync(path, 'utf8')));
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: Array.from({ length: stats.skipped }, () => 'a workflow'),
  };
}
