import { tokenTimes } from '@flatland/kube/client/link-token';
import {
  createObject,
  deleteObject,
  getObject,
  listObjects,
  mergePatchObject,
} from '@flatland/kube/client/objects';
import {
  ClusterLink,
  Domain,
  NodePeer,
  Role,
  RoleBinding,
  RemoteSlice,
  Secret,
} from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { createToken } from '@flatland/kube/client/service-account-token';
import { LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renewAtMs } from '../src/link/token-renewal.ts';
import { readClusterUid } from '../src/link/peer-cluster.ts';
import { domainOf, nodePeerOf } from '../src/testing/objects.ts';
import { ShiftedClock } from './shifted-clock.ts';
import { TestCluster } from './test-cluster.ts';

const DAY_MS = 86_400_000;
const LIFE_SECONDS = 7 * 86_400;
const SECRET = { name: LINKS_SECRET, namespace: SYSTEM_NAMESPACE };

let clock: ShiftedClock;
let east: TestCluster;
let west: TestCluster;

beforeEach(async () => {
  clock = new ShiftedClock();
  // One clock for both clusters and the controller: a token ends where it is checked.
  const now = () => clock.nowMs();
  [east, west] = await Promise.all([
    TestCluster.start('east', ['e1'], now),
    TestCluster.start('west', ['w1'], now),
  ]);
  for (const cluster of [east, west]) await cluster.apply(Domain, domainOf('red', ['east', 'west']));
  await west.apply(NodePeer, nodePeerOf('red', 'w1', ['10.81.16.0/28']));
  await east.link(west, { mode: 'pull', lifeSeconds: LIFE_SECONDS });
  await east.startController(clock);
  await east.until(async () => expect(await ready()).toBe('True ready'));
}, 60_000);
afterEach(async () => {
  for (const cluster of [east, west]) await cluster?.[Symbol.asyncDispose]();
});

test('a token is renewed at half of its life, by the controller alone, and the old one works until its end', async () => {
  const first = await tokenInSecret();
  clock.forward(3 * DAY_MS);
  await east.until(async () => expect(await ready()).toBe('True ready'));
  expect(await tokenInSecret()).toBe(first);

  clock.forward(DAY_MS);
  await east.until(async () => expect(await tokenInSecret()).not.toBe(first));
  const second = await tokenInSecret();
  expect(lifeOf(second)).toBe(LIFE_SECONDS * 1000);
  await east.until(async () =>
    expect(Date.parse((await status())!.tokenExpiresAt!)).toBe(tokenTimes(sensitive(second))!.expiresAtMs),
  );
  expect(await ready()).toBe('True ready');
  expect(await condition('Renewed')).toBe('True ready');
  for (const token of [first, second]) expect(await speaksTo(west, token)).toBe(true);

  // Three lives of the first token later, links still work: each renewal makes the next one possible.
  for (let n = 0; n < 5; n++) {
    const before = await tokenInSecret();
    clock.forward(4 * DAY_MS);
    await east.until(async () => expect(await tokenInSecret()).not.toBe(before));
  }
  expect(await ready()).toBe('True ready');
  expect(await speaksTo(west, first)).toBe(false);
});

test('a renewal that is refused leaves the old token in use, and says what is missing', async () => {
  const first = await tokenInSecret();
  await deleteObject(west.client, RoleBinding, { name: 'flatland-link', namespace: SYSTEM_NAMESPACE });
  clock.forward(4 * DAY_MS);
  await east.until(async () => expect(await condition('Renewed')).toBe('False link-renewal'));
  expect(await message('Renewed')).toMatch(/west makes no new token: .*serviceaccounts\/token/);
  expect(await ready()).toBe('True ready');
  expect(await tokenInSecret()).toBe(first);
  expect(await message('Renewed')).not.toContain(first.slice(0, 20));
});

test('a Secret that cannot be written leaves the old token in use, and says so', async () => {
  const first = await tokenInSecret();
  await deleteObject(east.client, RoleBinding, { name: 'flatland-controller', namespace: SYSTEM_NAMESPACE });
  const role = { name: 'reads-only', namespace: SYSTEM_NAMESPACE };
  const rbac = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];
  await createObject(east.client, Role, { object: { metadata: role, rules } });
  const subjects = [{ kind: 'ServiceAccount', name: 'flatland-controller', namespace: SYSTEM_NAMESPACE }];
  const roleRef = { apiGroup: rbac, kind: 'Role', name: role.name };
  await createObject(east.client, RoleBinding, { object: { metadata: role, roleRef, subjects } });
  clock.forward(4 * DAY_MS);
  await east.until(async () =>
    expect(await message('Renewed')).toMatch(/Secret flatland-links cannot be written/),
  );
  expect(await ready()).toBe('True ready');
  expect(await tokenInSecret()).toBe(first);
});

test('an expired token is told as that, what was mirrored stays, and a new token is taken up', async () => {
  const slice = await east.get(RemoteSlice, 'west.red');
  await east.stopController();
  clock.forward(8 * DAY_MS);
  await east.startController(clock);
  await east.until(async () => expect(await ready()).toBe('False link-expired'));
  expect(await condition('Renewed')).toBe('False link-expired');
  expect((await east.get(RemoteSlice, 'west.red'))?.['spec']).toEqual(slice?.['spec']);
  await east.link(west, { mode: 'pull', lifeSeconds: LIFE_SECONDS });
  await east.until(async () => {
    clock.forward(60_000);
    expect(await ready()).toBe('True ready');
  });
  expect(await condition('Renewed')).toBe('True ready');
});

test('neither side may do more than renew: no other account, no other Secret, no list', async () => {
  const link = await west.clientOf({ token: await tokenInSecret() });
  const controller = await east.clientOf({ account: 'flatland-controller' });
  try {
    const account = (name: string) => createToken(link, { name, namespace: SYSTEM_NAMESPACE });
    expect((await account('flatland-link')).ok).toBe(true);
    for (const name of ['flatland-controller', 'flatland-agent'])
      expect(await account(name)).toMatchObject({ error: { kind: 'forbidden' } });
    expect(await getObject(link, Secret, SECRET)).toMatchObject({ error: { kind: 'forbidden' } });
    const other = { name: 'other', namespace: SYSTEM_NAMESPACE };
    await createObject(east.client, Secret, { object: { metadata: other, data: {} } });
    const patch = { data: { token: 'eA==' } };
    expect(await mergePatchObject(controller, Secret, { ...other, patch })).toMatchObject({
      error: { kind: 'forbidden' },
    });
    expect(await listObjects(controller, Secret)).toMatchObject({ error: { kind: 'forbidden' } });
    expect(await listObjects(controller, Secret, { namespace: SYSTEM_NAMESPACE })).toMatchObject({
      error: { kind: 'forbidden' },
    });
  } finally {
    await link.close();
    await controller.close();
  }
});

test('a token that does not say when it ends is never due', () => {
  expect(renewAtMs(tokenTimes(sensitive('opaque')))).toBe(Infinity);
  expect(renewAtMs(tokenTimes(sensitive('a.bm90IGpzb24.c')))).toBe(Infinity);
  expect(renewAtMs({ issuedAtMs: 1000, expiresAtMs: 3000 })).toBe(2000);
});

async function tokenInSecret(): Promise<string> {
  const secret = await east.get(Secret, LINKS_SECRET, SYSTEM_NAMESPACE);
  return Buffer.from((secret!['data'] as Record<string, string>)['west']!, 'base64').toString();
}

function lifeOf(token: string): number {
  const times = tokenTimes(sensitive(token))!;
  return times.expiresAtMs - times.issuedAtMs;
}

async function speaksTo(cluster: TestCluster, token: string): Promise<boolean> {
  const client = await cluster.clientOf({ token });
  try {
    return (await readClusterUid(client)).ok;
  } finally {
    await client.close();
  }
}

async function status(): Promise<{ conditions?: Condition[]; tokenExpiresAt?: string } | undefined> {
  return (await east.get(ClusterLink, 'west'))?.['status'] as Awaited<ReturnType<typeof status>>;
}

async function condition(type: string): Promise<string> {
  const found = (await status())?.conditions?.find((one) => one.type === type);
  return `${found?.status} ${found?.reason}`;
}

async function message(type: string): Promise<string> {
  return (await status())?.conditions?.find((one) => one.type === type)?.message ?? '';
}

function ready(): Promise<string> {
  return condition('Ready');
}
