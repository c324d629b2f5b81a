import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { packImages } from './image.ts';
import { FAMILIES, FAMILY_CHOICE } from './layout.ts';
import { images, nodes } from './node-images.ts';
import { kubectl } from './sample.ts';
import { exists } from './exists.ts';
import type { Settings } from './settings.ts';

const RELEASE = '1.14.6';
const IMAGE = `flatland.dev/coredns:v${RELEASE}`;
const BUILD_TIMEOUT_MS = 1_800_000;
/** A server that no network has (RFC 5737): the clusters have no names of the world. */
const UPSTREAM = '192.0.2.53';

/** How CoreDNS runs: as kubeadm has it, a Deployment of pods, or in each node's own network. */
export type CoreDnsLayout = 'pods' | 'nodes';

/** As kubeadm makes it. */
export const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

/** Builds CoreDNS where the cache does not have it, some minutes the first time, and gives its image to every node. */
export async function giveCoreDns(settings: Settings, say: (text: string) => void): Promise<void> {
  const program = join(settings.programs, `../coredns-${RELEASE}`);
  if (!(await exists(program))) await build(program, say);
  const tar = join(settings.directory, 'coredns.tar');
  await packImages(
    join(settings.directory, 'coredns-image'),
    tar,
    { [IMAGE]: { command: ['/bin/coredns'] } },
    async (root) => {
      for (const path of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp'])
        await mkdir(join(root, path), { recursive: true });
      await copyFile(program, join(root, 'bin/coredns'));
      await chmod(join(root, 'bin/coredns'), 0o755);
    },
  );
  const machines = await nodes(settings.directory);
  await Promise.all(machines.map((machine) => images(machine, 'import', tar)));
}

/** Runs CoreDNS in a cluster as its name server, and waits until it answers. */
export async function startCoreDns(
  given: { readonly programs: string; readonly kubeconfig: string },
  cluster: string,
  layout: CoreDnsLayout,
): Promise<void> {
  await kubectl(given, cluster, ['apply', '-f', '-'], { input: coreDnsList(layout) });
  const workload = layout === 'pods' ? 'deployment' : 'daemonset';
  const wait = ['rollout', 'status', `${workload}/coredns`, '--timeout=180s'];
  await kubectl(given, cluster, ['-n', 'kube-system', ...wait]);
}

/** Takes CoreDNS away, and all that it needs. */
export async function stopCoreDns(
  given: { readonly programs: string; readonly kubeconfig: string },
  cluster: string,
  layout: CoreDnsLayout,
): Promise<void> {
  const words = ['delete', '--ignore-not-found', '-f', '-'];
  await kubectl(given, cluster, words, { input: coreDnsList(layout) });
}

async function build(program: string, say: (text: string) => void): Promise<void> {
  say(`builds CoreDNS ${RELEASE} into ${program}, once; this takes minutes`);
  const work = await mkdtemp(`${program}-build-`);
  try {
    const variables = [`GOBIN=${work}`, 'CGO_ENABLED=0', 'GOFLAGS=-mod=mod'];
    const source = `github.com/coredns/coredns@v${RELEASE}`;
    await runCommand('env', [...variables, 'go', 'install', '-trimpath', '-ldflags', '-s -w', source], {
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    await rename(join(work, 'coredns'), program);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function coreDnsList(layout: CoreDnsLayout): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: coreDnsObjects(layout) });
}

/** What kubeadm applies for CoreDNS, but for its image, or the same as a DaemonSet on the nodes' network. */
function coreDnsObjects(layout: CoreDnsLayout): object[] {
  const metadata = (more: object = {}) => ({ name: 'coredns', namespace: 'kube-system', ...more });
  const labels = { 'k8s-app': 'kube-dns' };
  const role = { name: 'system:coredns' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata() },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: role,
      rules: [
        rule('', 'endpoints', 'services', 'pods', 'namespaces'),
        rule('discovery.k8s.io', 'endpointslices'),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: role,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', ...role },
      subjects: [{ kind: 'ServiceAccount', ...metadata() }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(), data: { Corefile: COREFILE } },
    {
      apiVersion: 'apps/v1',
      kind: layout === 'pods' ? 'Deployment' : 'DaemonSet',
      metadata: metadata({ labels }),
      spec: {
        ...(layout === 'pods' ? { replicas: 2 } : {}),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(layout) },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: {
        selector: labels,
        clusterIP: FAMILIES[0]!.dnsServiceAddress,
        clusterIPs: FAMILIES.map(({ dnsServiceAddress }) => dnsServiceAddress),
        ipFamilyPolicy: FAMILY_CHOICE === 'dual' ? 'RequireDualStack' : 'SingleStack',
        // A server in another node's network would not see who asks.
        internalTrafficPolicy: layout === 'nodes' ? 'Local' : 'Cluster',
        ports: [port('dns', 'UDP'), port('dns-tcp', 'TCP')],
      },
    },
  ];
}

function podSpec(layout: CoreDnsLayout): object {
  const probe = (path: string, probePort: number) => ({
    httpGet: { path, port: probePort, scheme: 'HTTP' },
    periodSeconds: 2,
  });
  return {
    ...(layout === 'nodes' ? { hostNetwork: true } : {}),
    serviceAccountName: 'coredns',
    priorityClassName: 'system-cluster-critical',
    tolerations: [{ operator: 'Exists' }],
    dnsPolicy: 'None',
    dnsConfig: { nameservers: [UPSTREAM] },
    containers: [
      {
        name: 'coredns',
        image: IMAGE,
        imagePullPolicy: 'Never',
        command: ['/bin/coredns'],
        args: ['-conf', '/etc/coredns/Corefile'],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        readinessProbe: probe('/ready', 8181),
        livenessProbe: { ...probe('/health', 8080), initialDelaySeconds: 60 },
        volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'config-volume',
        configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
      },
    ],
    ...(layout === 'pods' ? { topologySpreadConstraints: [APART] } : {}),
  };
}

/** On two nodes, so that each serves pods of the other too. */
const APART = {
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

function rule(group: string, ...resources: readonly string[]): object {
  return { apiGroups: [group], resources, verbs: ['list', 'watch'] };
}

function port(name: string, protocol: string): object {
  return { name, protocol, port: 53 };
}
