import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { createLinks, type LinkEnd } from '@flatland/lab/clusters/link-clusters';
import { bundlePrograms } from '@flatland/lab/machine/bundle-programs';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  SYSTEM_NAMESPACE,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { PAUSE_IMAGE } from './image.ts';
import { CLUSTERS, type Cluster } from './layout.ts';
import { kubectl } from './sample.ts';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
/** What the programs need of the machine that the nodes run on: Node.js is below the checkout. */
const OF_THE_MACHINE = ['/bin', '/etc', '/lib', '/lib64', '/sbin', '/usr', CHECKOUT];
const IMAGES = { agent: PAUSE_IMAGE, forwarder: PAUSE_IMAGE, controller: PAUSE_IMAGE };
/** Below the node's /run: the root of the container is read-only. */
const UAPI = ['--uapi-directory', '/run/wireguard'];
const SYSTEM = ['-n', SYSTEM_NAMESPACE];
const TIMEOUT = '--timeout=180s';

/** The programs of this checkout, by container. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  agent: ['packages/dataplane/build/agent.js'],
  forwarder: ['packages/dataplane/build/forwarder.js', ...UAPI],
  controller: ['packages/controller/build/controller.js'],
};

interface Given {
  readonly programs: string;
  readonly kubeconfig: string;
}

/**
 * Installs Flatland on every cluster as a person would, by its exported objects and stock kubectl, and links the
 * clusters. Its pods run the programs of this checkout: the machine's directories are mounted in place of an image.
 */
export async function installFlatland(given: Given): Promise<void> {
  await bundlePrograms(process.execPath);
  await Promise.all(CLUSTERS.map((cluster) => install(given, cluster)));
  const ends = await linkEnds(given.kubeconfig);
  try {
    await createLinks(ends);
  } finally {
    await Promise.all(ends.map(({ client }) => client.close()));
  }
}

async function install(given: Given, cluster: Cluster): Promise<void> {
  const behindNat = cluster.natAddress !== undefined;
  const objects = installManifests({ cluster: cluster.name, images: IMAGES, behindNat });
  const items = objects.map(fromCheckout);
  const apply = ['apply', '--server-side', '--field-manager=flatland', '-f', '-'];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(given, cluster.name, apply, { input });
  // Deployed objects first, for `wait` waits for what is there.
  await kubectl(given, cluster.name, [
    ...SYSTEM,
    'rollout',
    'status',
    'deployment/flatland-controller',
    TIMEOUT,
  ]);
  await kubectl(given, cluster.name, [...SYSTEM, 'wait', '--for=condition=Ready', 'pod', '--all', TIMEOUT]);
}

/** Takes domains, and then Flatland, away from every cluster. What its agents made in nodes goes with the domains. */
export async function uninstallFlatland(given: Given): Promise<void> {
  await Promise.all(
    CLUSTERS.map(async ({ name }) => {
      const run = (...args: string[]) => kubectl(given, name, args);
      await run('delete', 'memberships', '-A', '--all', '--ignore-not-found');
      await run('delete', 'domains', '--all', '--ignore-not-found');
      await run('wait', '--for=delete', 'nodepeers', '--all', TIMEOUT);
      await run('delete', 'namespace', SYSTEM_NAMESPACE, '--ignore-not-found', TIMEOUT);
      const kinds = ['crd', 'clusterrole', 'clusterrolebinding', 'validatingadmissionpolicy'];
      kinds.push('validatingadmissionpolicybinding');
      await run('delete', kinds.join(','), '-l', `${OWNER_LABEL}=${OWNER_LABEL_VALUE}`, '--ignore-not-found');
    }),
  );
}

interface Container {
  readonly name: string;
  readonly env?: readonly object[];
  readonly volumeMounts?: readonly object[];
}

interface Workload extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly Container[]; readonly volumes?: readonly object[] };
    };
  };
}

/** A workload whose containers run the checkout; other objects as they are. */
function fromCheckout(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'DaemonSet' && object.kind !== 'Deployment') return object;
  const { spec } = object as Workload;
  const pod = spec.template.spec;
  const volumes = OF_THE_MACHINE.map((path, i) => ({ name: `machine-${i}`, hostPath: { path } }));
  const mounts = OF_THE_MACHINE.map((mountPath, i) => ({
    name: `machine-${i}`,
    mountPath,
    readOnly: true,
  }));
  const containers = pod.containers.map((container) => ({
    ...container,
    imagePullPolicy: 'Never',
    command: [process.execPath, ...(PROGRAMS[container.name] ?? []).map(inCheckout)],
    env: [...(container.env ?? []), { name: 'PATH', value: '/usr/sbin:/usr/bin:/sbin:/bin' }],
    volumeMounts: [...mounts, ...(container.volumeMounts ?? [])],
  }));
  const template = {
    ...spec.template,
    spec: { ...pod, containers, volumes: [...volumes, ...(pod.volumes ?? [])] },
  };
  return { ...object, spec: { ...spec, template } };
}

function inCheckout(argument: string): string {
  return argument.endsWith('.js') ? `${CHECKOUT}/${argument}` : argument;
}

async function linkEnds(kubeconfig: string): Promise<LinkEnd[]> {
  const read = readKubeconfig(await readFile(kubeconfig, 'utf8'), { addressPolicy: localAddressPolicy });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.contexts.map(({ name, connection }) => {
    if (!connection.ok) throw new Error(JSON.stringify(connection.error));
    const { server, caPem = '' } = connection.value;
    const options = { addressPolicy: localAddressPolicy, userAgent: 'flatland-e2e' };
    return { name, url: server, caCertPem: caPem, client: openKubeClient(connection.value, options) };
  });
}
