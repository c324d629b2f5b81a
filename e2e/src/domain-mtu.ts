import { writeFileSync } from 'node:fs';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import { kubectlGet } from './cluster-state.ts';
import type { Stack } from './stack.ts';
import { expect, test } from './test.ts';
import { PATIENCE_MS } from './worlds/patience.ts';

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

/** Leaves the domain without an MTU, as the sample has it, and nothing drifted. */
export async function withoutMtu(stack: Stack): Promise<void> {
  await patchMtu(stack, null);
  let nothing = 0;
  await expect(async () => {
    nothing = (await adoptAll(stack)) === 0 ? nothing + 1 : 0;
    // The console hears of the patch a moment after the cluster.
    expect(nothing).toBe(2);
  }).toPass({ timeout: PATIENCE_MS });
}

/** Adopts everything that drifted. Gives how many objects that were. */
async function adoptAll(stack: Stack): Promise<number> {
  const { stdout } = await stack.flatland('drift', '--json');
  const drifted = JSON.parse(stdout) as { object: ObjectRef }[];
  for (const { object } of drifted) {
    const { cluster, kind, namespace, name } = object;
    const path = [cluster, kind, namespace, name].filter((part) => part !== undefined);
    await stack.flatland('drift', 'adopt', path.join('/'));
  }
  return drifted.length;
}
