import type { TestCounts } from './vitest-report.ts';

/** Adds up what the runners of a whole test run say. */
export class Tally {
  /** What was not run, and why. */
  readonly leftOut: string[] = [];
  readonly #failures: string[] = [];
  #passed = 0;
  #failed = 0;

  count(name: string, counts: Omit<TestCounts, 'skipped'>): void {
    this.#passed += counts.passed;
    this.#failed += counts.failed;
    this.#failures.push(...counts.failures.map((failure) => `${name}: ${failure}`));
    console.log(`\n── ${name}: ${counts.passed} passed, ${counts.failed} failed\n`);
  }

  /** Counts a command or a whole runner that has no counts of its own. */
  countOne(name: string, ok: boolean): void {
    const failures = ok ? [] : ['it failed; see above'];
    this.count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures });
  }

  /** Counts a runner's report; where the runner failed without a failed test, that is one failure. */
  countReport(name: string, counts: TestCounts, exitCode: number): void {
    this.count(name, counts);
    if (counts.failed === 0 && exitCode !== 0) this.countOne(`${name}, the runner itself`, false);
  }

  /** Prints what was left out, what failed, and the sums. Gives the exit code of the run. */
  tell(): number {
    const lines = (title: string, all: readonly string[]) =>
      `\n${title}:\n${all.map((line) => `  - ${line}`).join('\n')}`;
    console.log(this.leftOut.length === 0 ? '\nNothing was left out.' : lines('Left out', this.leftOut));
    if (this.#failures.length > 0) console.log(lines('Failed', this.#failures));
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 ? 0 : 1;
  }
}
