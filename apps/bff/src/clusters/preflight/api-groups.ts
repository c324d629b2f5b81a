import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { CallOptions } from '@flatland/kube/client/objects';
import { sendRequest } from '@flatland/kube/client/request';
import type { Known } from '@flatland/shared/preflight/facts';
import { err, ok } from '@flatland/shared/result';
import { z } from 'zod';

const zGroups = z.looseObject({
  groups: z.array(
    z.looseObject({ name: z.string(), preferredVersion: z.looseObject({ groupVersion: z.string() }) }),
  ),
});
const zResources = z.looseObject({ resources: z.array(z.looseObject({ name: z.string() })) });

/** Served by Argo CD, and by Argo's other projects, which own no objects of others. */
const ARGO = 'argoproj.io';

/** The API groups that a cluster serves, sorted; `argoproj.io` only where it has Argo CD's Applications. */
export async function readApiGroups(
  client: KubeClient,
  options: CallOptions,
): Promise<Known<readonly string[]>> {
  const answer = await get(client, '/apis', options);
  if (!answer.ok) return answer;
  const parsed = zGroups.safeParse(answer.value);
  if (!parsed.success) return err('the answer is no list of API groups');
  const argo = parsed.data.groups.find(({ name }) => name === ARGO)?.preferredVersion.groupVersion;
  const hasApplications = argo !== undefined && (await servesApplications(client, argo, options));
  const names = parsed.data.groups.map(({ name }) => name);
  return ok(names.filter((name) => name !== ARGO || hasApplications).toSorted());
}

async function servesApplications(
  client: KubeClient,
  groupVersion: string,
  options: CallOptions,
): Promise<boolean> {
  if (!/^argoproj\.io\/v[0-9a-z]{1,32}$/.test(groupVersion)) return false;
  const answer = await get(client, `/apis/${groupVersion}`, options);
  const parsed = zResources.safeParse(answer.ok ? answer.value : undefined);
  return parsed.success && parsed.data.resources.some(({ name }) => name === 'applications');
}

async function get(client: KubeClient, path: string, options: CallOptions): Promise<Known<unknown>> {
  const answer = await sendRequest(client, { ...options, method: 'GET', path, idempotency: 'idempotent' });
  return answer.ok ? answer : err(answer.error.message);
}
