import { writeFileSync } from 'node:fs';
import { kubectlGet } from './cluster-state.ts';
import type { Stack } from './stack.ts';
import { expect, test } from './test.ts';

/** A domain of the sample that nothing else is tried with, and the one cluster that it is in. */
export const MTU_DOMAIN = { name: 'sandbox', cluster: 'onprem-fra' } as const;

/** The MTU of the domain as the cluster has it. */
export async function liveMtu(stack: Stack): Promise<unknown> {
  const [domain] = await kubectlGet(stack, MTU_DOMAIN.cluster, 'domain', MTU_DOMAIN.name);
  return (domain?.spec as { mtuBytes?: number } | undefined)?.mtuBytes;
}

/** Applies the domain as it is with another MTU, from the command line. Gives the change set. */
export async function applyMtu(
  stack: Stack,
  mtuBytes: number,
): Promise<{ readonly id: string; readonly state: string }> {
  const { name, cluster } = MTU_DOMAIN;
  const [live] = await kubectlGet(stack, cluster, 'domain', name);
  const { labels } = live!.metadata as { labels?: object };
  const spec = { ...(live!.spec as object), mtuBytes };
  const file = test.info().outputPath('domain.json');
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', metadata: { name, labels }, spec }),
  );
  const applied = await stack.flatland('apply', '-f', file, '--cluster', cluster, '--acknowledge', '--json');
  return (JSON.parse(applied.stdout) as { summary: { id: string; state: string } }).summary;
}

/** Sets the MTU, or takes it away, as somebody does who knows nothing of change sets. */
export async function patchMtu(stack: Stack, mtuBytes: number | null): Promise<void> {
  const { name, cluster } = MTU_DOMAIN;
  const patch = JSON.stringify({ spec: { mtuBytes } });
  const patched = await stack.kubectl(
    '--context',
    cluster,
    'patch',
    'domain',
    name,
    '--type=merge',
    '-p',
    patch,
  );
  expect(patched.stderr).toBe('');
}

/** Leaves the domain without an MTU, as the sample has it, and without drift. */
export async function withoutMtu(stack: Stack): Promise<void> {
  await patchMtu(stack, null);
  await expect(async () => {
    await stack.flatland('drift', 'adopt', `domain/${MTU_DOMAIN.name}`);
    expect((await stack.flatland('drift')).stdout).toBe('everything is as it was applied\n');
  }).toPass({ timeout: 20_000 });
}
