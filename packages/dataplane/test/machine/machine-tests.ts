import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineLack, UNSHARE } from './private-machine.ts';

/**
 * Runs the tests of a `*.kernel.ts` file in a private machine, and registers each of them here. Call it
 * at the top level of a test file. Skips, and says so, where the rights are missing.
 */
export async function machineTests(file: string): Promise<void> {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const lack = machineLack();
  if (lack !== undefined) {
    process.stderr.write(`\nSKIPPED ${name}: this machine lacks ${lack}\n`);
    describe.skip(`${name} (skipped: lacks ${lack})`, () => it('runs in a private machine', () => {}));
    return;
  }
  const { results, output } = await runMachine(file);
  describe(name, () => {
    it('runs in a private machine', () => {
      expect(results, output).not.toEqual([]);
    });
    for (const result of results)
      it(result.fullName, ({ skip }) => {
        if (result.status === 'skipped' || result.status === 'pending') skip();
        expect(result.status, result.failureMessages.join('\n')).toBe('passed');
      });
  });
}

interface MachineResult {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

async function runMachine(file: string): Promise<{ results: MachineResult[]; output: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'flatland-machine-'));
  const report = join(directory, 'report.json');
  const main = new URL('machine-main.ts', import.meta.url).pathname;
  try {
    const output = await new Promise<string>((resolve, reject) => {
      // Nodes are processes of their own: without the cache each compiles everything anew.
      const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compiled') };
      const child = spawn('unshare', [...UNSHARE, process.execPath, main, file, report], { env });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      child.stderr.pipe(process.stderr, { end: false });
      child.on('error', reject);
      child.on('close', () => resolve(text));
    });
    return { results: readReport(report), output };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readReport(path: string): MachineResult[] {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as {
      testResults: { assertionResults: MachineResult[]; message?: string; status: string }[];
    };
    return report.testResults.flatMap(({ assertionResults, message, status }) => {
      // A hook that fails leaves its tests skipped, and only the file failed.
      const isTold = status === 'passed' || assertionResults.some((result) => result.status === 'failed');
      const file = { fullName: 'loads, and its hooks pass', status, failureMessages: [message ?? ''] };
      return assertionResults.length > 0 && isTold ? assertionResults : [...assertionResults, file];
    });
  } catch {
    return [];
  }
}
