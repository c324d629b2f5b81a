import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { hostTraces, MARK, markedProcesses, NO_TRACES } from '../testing/left-behind.ts';
import { preflight } from './preflight.ts';
import { searchPath } from './programs.ts';

const HOLDER = fileURLToPath(new URL('../testing/hold-machine.ts', import.meta.url));
const NOBODY = 65_534;
const possible = await preflight();
const users =
  possible.ok && possible.asRoot ? (['root', 'an ordinary user'] as const) : (['this user'] as const);

describe.skipIf(!possible.ok).each(users)('a machine of %s', (user) => {
  const asNobody = user === 'an ordinary user';

  test(
    'has an underlay on which clusters reach each other, but not into the one behind NAT',
    { timeout: 60_000 },
    async () => {
      await using machine = await holdMachine(asNobody);
      const reach = async (from: string, to: string) =>
        (await machine.run(from, ['ping', '-c1', '-W1', to])).exitCode === 0;
      expect(await reach('aws-east-1', '198.51.100.12')).toBe(true);
      expect(await reach('onprem-fra-1', '203.0.113.11')).toBe(true);
      expect(await reach('onprem-fra-1', '192.168.178.12')).toBe(true);
      expect(await reach('aws-east-1', '192.168.178.11')).toBe(false);
      expect(await reach('onprem-fra-1', '10.244.2.1')).toBe(true);
      const routes = (await machine.run('aws-east-1', ['ip', 'route', 'get', '10.244.2.1'])).stdout;
      expect(routes).toContain('via 203.0.113.12');
      // The same address in another cluster is that cluster's own node.
      expect((await machine.run('gke-west-1', ['ip', 'route', 'get', '10.244.2.1'])).stdout).toContain(
        'via 198.51.100.12',
      );
      expect((await machine.run('gke-west-2', ['hostname'])).stdout).toBe('gke-west-2\n');
      expect(await hostTraces(machine.directory)).toEqual(NO_TRACES);
    },
  );

  test.each(['the lab’s process', 'unshare', 'the machine’s own process'])(
    'leaves nothing when %s is killed',
    { timeout: 60_000 },
    async (victim) => {
      await using machine = await holdMachine(asNobody);
      const before = await vi.waitFor(
        async () => {
          const running = await markedProcesses(machine.mark);
          expect(running.filter((line) => line.includes('kubelet-main.ts'))).toHaveLength(6);
          return running;
        },
        { timeout: 20_000, interval: 100 },
      );
      process.kill(pidOf(before, victim), 'SIGKILL');
      await vi.waitFor(
        async () => {
          const left = await markedProcesses(machine.mark);
          expect(
            victim === 'the lab’s process' ? left : left.filter((line) => !line.includes('hold-machine')),
          ).toEqual([]);
        },
        { timeout: 10_000, interval: 50 },
      );
      expect(await hostTraces(machine.directory)).toEqual(NO_TRACES);
    },
  );
});

function pidOf(processes: readonly string[], victim: string): number {
  const pattern = {
    'the lab’s process': /node \S*hold-machine\.ts/,
    unshare: /^\d+ unshare /,
    'the machine’s own process': /^\d+ \S*node \S*machine-main\.ts/,
  }[victim]!;
  return Number(processes.find((line) => pattern.test(line))!.split(' ')[0]);
}

/** Starts a process that starts a machine and holds it. */
async function holdMachine(asNobody: boolean) {
  const directory = await mkdtemp(join(tmpdir(), 'fl-'));
  if (asNobody) await chown(directory, NOBODY, NOBODY);
  const mark = randomUUID();
  const child = spawn(process.execPath, [HOLDER, directory], {
    env: { PATH: searchPath(process.env['PATH']), [MARK]: mark },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string) as unknown;
  expect(await next()).toBe('built');
  return {
    directory,
    mark,
    /** Runs a command on a node. */
    async run(node: string, command: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
      child.stdin.write(`${JSON.stringify({ node, command })}\n`);
      return (await next()) as { exitCode: number; stdout: string };
    },
    async [Symbol.asyncDispose]() {
      await end(child);
      await vi.waitFor(async () => expect(await markedProcesses(mark)).toEqual([]), { timeout: 10_000 });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
