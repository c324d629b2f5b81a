import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { failureLine } from './failure-line.ts';
import type { TestCounts } from './vitest-report.ts';

const zError = z.looseObject({ message: z.string().optional() });
const zResult = z.looseObject({ errors: z.array(zError) });
const zTest = z.looseObject({ status: z.string(), results: z.array(zResult) });
const zSpec = z.looseObject({ title: z.string(), file: z.string(), line: z.number(), tests: z.array(zTest) });
const zSuite = z.looseObject({
  specs: z.array(zSpec),
  get suites() {
    return z.array(zSuite).optional();
  },
});
const zReport = z.looseObject({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(zError),
  suites: z.array(zSuite),
});

type Suite = z.infer<typeof zSuite>;

/** Reads Playwright's JSON report. A flaky test counts as failed. */
export function readPlaywrightReport(path: string): TestCounts {
  const { stats, errors, suites } = zReport.parse(JSON.parse(readFileSync(path, 'utf8')));
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    failures: [
      ...errors.map((error) => failureLine('playwright', error.message)),
      ...suites.flatMap(failuresOf),
    ],
    skipped: Array.from({ length: stats.skipped }, () => 'a workflow'),
  };
}

function failuresOf(suite: Suite): string[] {
  const own = suite.specs.flatMap((spec) =>
    spec.tests
      .filter((test) => test.status === 'unexpected' || test.status === 'flaky')
      .map((test) =>
        failureLine(
          `${spec.file}:${spec.line}: ${spec.title}`,
          test.results.flatMap((result) => result.errors)[0]?.message,
        ),
      ),
  );
  return [...own, ...(suite.suites ?? []).flatMap(failuresOf)];
}
