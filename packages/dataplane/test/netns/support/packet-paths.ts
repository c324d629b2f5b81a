/** Each scenario runs over the portable and over the native packet path. */
import { describe, vi } from 'vitest';
import { buildAddon } from '../../../src/native/build-addon.ts';
import { Sandbox, sandboxProblem, skips } from '../../support/sandbox.ts';

export type PathKind = 'portable' | 'native';

const ALWAYS = ['wg', 'ping', 'ss'];

/**
 * A suite for each packet path; `define` declares its tests. It is left out, which is said loudly, where sandboxes
 * cannot be made, a tool is missing, or the native path cannot be built.
 */
export function describeOnEachPath(
  title: string,
  tools: readonly string[],
  define: (path: PathKind) => void,
): void {
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
  const problem = sandboxProblem(...ALWAYS, ...tools);
  const addon = buildAddon();
  for (const path of ['portable', 'native'] as const) {
    const name = `${title}, on the ${path} path`;
    const reason = problem ?? (path === 'native' && !addon.ok ? addon.error : undefined);
    describe.skipIf(skips(name, reason))(name, () => define(path));
  }
}

/** Opens a sandbox for one test, which ends with it. */
export async function inSandbox(test: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  await using sandbox = await Sandbox.open();
  await test(sandbox);
}
