import { CANNOT_START } from '@flatland/bff/launch';
import { expect, test, vi } from 'vitest';
import type { StackChild } from './child-process.ts';
import { progressOutput } from './progress-output.ts';
import { superviseConsole } from './supervise-console.ts';

/** Supervises a console whose runs end as listed, and goes on with the last; gives how it came out and what was said. */
async function supervise(ends: readonly { code: number; afterMs: number }[]) {
  vi.useFakeTimers();
  let clockMs = 0;
  let nStarts = 0;
  let said = '';
  try {
    const outcome = superviseConsole({
      start: () => {
        const end = ends[Math.min(nStarts, ends.length - 1)]!;
        nStarts += 1;
        clockMs += end.afterMs;
        return { ended: Promise.resolve({ code: end.code, signal: null }) } as StackChild;
      },
      stopping: () => false,
      output: progressOutput(
        (text) => (said += text),
        () => clockMs,
      ),
      nowMs: () => clockMs,
    });
    await vi.runAllTimersAsync();
    return { outcome: await outcome, nStarts, said };
  } finally {
    vi.useRealTimers();
  }
}

test('a console that dies is started again, and left alone once it was stopped', async () => {
  const { outcome, nStarts, said } = await supervise([
    { code: 1, afterMs: 10 },
    { code: 0, afterMs: 10 },
  ]);
  expect([outcome, nStarts]).toEqual(['stopped', 2]);
  expect(said).toContain('console ended (exit code 1); starting it again');
});

test('a console that says it cannot start is not started again', async () => {
  const { outcome, nStarts, said } = await supervise([{ code: CANNOT_START, afterMs: 10 }]);
  expect([outcome, nStarts]).toEqual(['failed', 1]);
  expect(said).toContain('see the lines above');
});

test('a console that keeps dying is given up, one that dies now and then is not', async () => {
  expect(await supervise([{ code: 1, afterMs: 10 }])).toMatchObject({ outcome: 'failed', nStarts: 5 });
  const rare = [...Array.from({ length: 40 }, () => ({ code: 1, afterMs: 60_000 })), { code: 0, afterMs: 0 }];
  expect(await supervise(rare)).toMatchObject({ outcome: 'stopped', nStarts: 41 });
});
