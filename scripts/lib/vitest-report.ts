import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';
import { failureLine } from './failure-line.ts';

const zReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
});

/** Counts of a test run, what failed (a line each: name and reason), and the names of the tests that it skipped. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly skipped: readonly string[];
}

/** Reads vitest's JSON report. A file that failed to load counts as one failure. */
export function readVitestReport(path: string): TestCounts {
  const report = zReport.parse(JSON.parse(readFileSync(path, 'utf8')));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    failures: [
      ...unloaded.map((file) => failureLine(file.name, file.message)),
      ...report.testResults.flatMap((file) =>
        file.assertionResults
          .filter((test) => test.status === 'failed')
          .map((test) =>
            failureLine(`${relative(process.cwd(), file.name)}: ${test.fullName}`, test.failureMessages?.[0]),
          ),
      ),
    ],
    skipped: report.testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => test.status === 'skipped' || test.status === 'pending')
        .map((test) => test.fullName),
    ),
  };
}
