import { orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeObject } from '@flatland/kube/client/object';
import { applyObject } from '@flatland/kube/client/objects';
import { ClusterRole, ClusterRoleBinding, ServiceAccount } from '@flatland/kube/client/resources';
import { createToken } from '@flatland/kube/client/service-account-token';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Makes a service account with exactly these rights, and gives a token of it. */
export async function tokenWithRights(
  client: KubeClient,
  name: string,
  rules: readonly Rule[],
): Promise<string> {
  const apply = async (type: typeof ServiceAccount, object: Record<string, unknown>) =>
    orThrow(await applyObject(client, type, { object: object as KubeObject, fieldManager: 'test' }));
  const apiGroup = 'rbac.authorization.k8s.io';
  const account = { name, namespace: 'default' };
  await apply(ServiceAccount, { metadata: account });
  await apply(ClusterRole, { metadata: { name }, rules });
  await apply(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
  return orThrow(await createToken(client, account, {})).token.reveal();
}
