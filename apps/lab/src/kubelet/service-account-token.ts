import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { sendRequest } from '@flatland/kube/client/request';
import { resourcePath } from '@flatland/kube/client/resource';
import { ServiceAccount } from '@flatland/kube/client/resources';
import type { Pod } from '../workloads/kinds/pod.ts';

/** How long a pod's token lives, in seconds (`--service-account-extend-token-expiration` off). */
const LIFETIME_SECONDS = 3607;
/** A token is replaced when so much of its life is over, as the kubelet does it. */
const REFRESH_RATIO = 0.8;

/**
 * Writes a pod's projected service-account volume (`token`, `ca.crt`, `namespace`) into a directory. The token is
 * bound to the pod, so that it names the pod's node and dies with it. Gives when to do it again.
 */
export async function projectToken(
  client: KubeClient,
  about: { pod: Pod; caPem: string; directory: string; nowMs: number },
): Promise<{ refreshAtMs: number }> {
  const { pod, directory } = about;
  const { name, namespace, uid } = pod.metadata;
  const path = resourcePath(ServiceAccount, {
    namespace,
    name: pod.spec.serviceAccountName ?? 'default',
    subresource: 'token',
  });
  if (!path.ok) throw new Error(path.error);
  const answer = orThrow(
    await sendRequest(client, {
      method: 'POST',
      path: path.value,
      idempotency: 'idempotent',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          expirationSeconds: LIFETIME_SECONDS,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    }),
  ) as { status?: { token?: string } };
  const token = answer.status?.token;
  if (typeof token !== 'string') throw new Error('the answer to a TokenRequest has no token');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(join(directory, 'ca.crt'), about.caPem);
  await replaceFile(join(directory, 'namespace'), namespace ?? '');
  await replaceFile(join(directory, 'token'), token);
  return { refreshAtMs: about.nowMs + LIFETIME_SECONDS * 1000 * REFRESH_RATIO };
}

/** Readers see the old content or the new one. */
async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
