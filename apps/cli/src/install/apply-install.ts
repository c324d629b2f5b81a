import type { KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf, type KubeObject } from '@flatland/kube/client/object';
import { applyObject, getObject } from '@flatland/kube/client/objects';
import { CustomResourceDefinition } from '@flatland/kube/client/resources';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { installResourceOf, nameOfObject } from './install-resources.ts';
import { orRefused, refusedAll } from './refused.ts';
import { waitUntil, type Waiting } from './wait-until.ts';

/** The field manager of everything that is installed. */
export const INSTALL_FIELD_MANAGER = 'flatland-install';

/** How objects are applied, and who hears of it. */
export interface ApplyInstall {
  readonly objects: readonly KubernetesObject[];
  /** Takes fields over from other managers. */
  readonly force: boolean;
  /** Asks the cluster, and keeps nothing. */
  readonly dryRun: boolean;
  readonly waiting: Waiting;
}

/**
 * Applies what Flatland installs by server-side apply, in the order given, and waits until the custom kinds are
 * served. The cluster is asked for everything first: where it refuses one object, none is written.
 * Throws CommandError with every refusal.
 */
export async function applyInstall(client: KubeClient, order: ApplyInstall): Promise<void> {
  const { say } = order.waiting;
  const words = await tryAll(client, order);
  if (order.dryRun) {
    for (const [object, word] of words) say(`would be ${word}: ${nameOfObject(object)}`);
    return;
  }
  for (const object of order.objects) {
    const outcome = await applyOne(client, object, { force: order.force, dryRun: false });
    if (outcome.error !== undefined)
      throw refusedAll([{ what: `${client.cluster}: ${nameOfObject(object)}`, error: outcome.error }]);
    say(`${outcome.word}: ${nameOfObject(object)}`);
    if (object.kind === CustomResourceDefinition.kind) await waitEstablished(client, object, order.waiting);
  }
}

type Outcome = { readonly word: string; readonly error?: undefined } | { readonly error: KubeError };

async function tryAll(client: KubeClient, order: ApplyInstall): Promise<Map<KubernetesObject, string>> {
  const words = new Map<KubernetesObject, string>();
  const refusals: { what: string; error: KubeError }[] = [];
  for (const object of order.objects) {
    const outcome = await applyOne(client, object, { force: order.force, dryRun: true });
    if (outcome.error === undefined) words.set(object, outcome.word);
    // Its namespace is only made by the real run.
    else if (outcome.error.kind === 'notFound' && object.metadata.namespace !== undefined)
      words.set(object, 'created');
    else refusals.push({ what: `${client.cluster}: ${nameOfObject(object)}`, error: outcome.error });
  }
  if (refusals.length > 0) throw refusedAll(refusals);
  return words;
}

async function applyOne(
  client: KubeClient,
  object: KubernetesObject,
  options: { readonly force: boolean; readonly dryRun: boolean },
): Promise<Outcome> {
  const type = installResourceOf(object);
  const before = await getObject(client, type, refOf(object.metadata));
  if (!before.ok && before.error.kind !== 'notFound') return { error: before.error };
  const after = await applyObject(client, type, {
    ...options,
    object: object as KubeObject,
    fieldManager: INSTALL_FIELD_MANAGER,
    fieldValidation: 'Strict',
  });
  if (!after.ok) return { error: after.error };
  if (!before.ok) return { word: 'created' };
  return { word: contentOf(before.value) === contentOf(after.value) ? 'unchanged' : 'configured' };
}

/** An object without what the server keeps of its writers and versions. */
function contentOf({ metadata, ...rest }: KubeObject): string {
  const { managedFields: _, resourceVersion: __, generation: ___, ...kept } = metadata;
  return stableYaml({ ...rest, metadata: kept, status: undefined });
}

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function waitEstablished(
  client: KubeClient,
  object: KubernetesObject,
  waiting: Waiting,
): Promise<void> {
  const what = nameOfObject(object as KubeObject);
  await waitUntil(waiting, `${client.cluster}: ${what} is not established`, async () => {
    const live = await getObject<Definition>(client, CustomResourceDefinition, refOf(object.metadata));
    const conditions = orRefused(what, live).status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  });
}
