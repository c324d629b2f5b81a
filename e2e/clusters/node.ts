import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_CRI_SOCKET } from '@flatland/shared/manifest/install/workloads';
import type { ClusterCertificates } from './certificates.ts';
import { cgroupOf, makeCgroup } from './cgroups.ts';
import { PAUSE_IMAGE } from './image.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { apiUrl, FAMILIES, POD_CIDRS, type Cluster, type Node } from './layout.ts';
import { isIpv6 } from './families.ts';
import type { RunningMachine } from './machine.ts';

/** Magic number of overlayfs; statfs(2). One overlay cannot hold another. */
const OVERLAYFS_MAGIC = 0x794c7630;

const NAME_SERVERS = FAMILIES.map(({ dnsServiceAddress }) => dnsServiceAddress);

/** Starts containerd, kubelet and kube-proxy of a node, and gives containerd its images from a tar file. */
export async function startNode(
  machine: RunningMachine,
  given: {
    readonly cluster: Cluster;
    readonly node: Node;
    readonly certificates: ClusterCertificates;
    readonly programs: string;
    readonly images: string;
  },
): Promise<void> {
  const { cluster, node, certificates, programs } = given;
  const file = (name: string) => join(machine.directory, name);
  const server = apiUrl(cluster.control.addresses);
  const own = certificates.nodes.get(node.name)!;
  await makeCgroup(node.name);
  await mkdir(file('net.d'), { recursive: true });
  await writeFile(file('net.d/10-pods.conflist'), JSON.stringify(podNetwork(node)));
  await writeFile(file('containerd.toml'), await containerdConfig(machine.directory));
  await writeFile(
    file('resolv.conf'),
    `${NAME_SERVERS.map((address) => `nameserver ${address}\n`).join('')}`,
  );
  await machine.start('containerd', ['containerd', '--config', file('containerd.toml')]);
  await waitForContainerd(machine);
  await machine.run(['ctr', '-a', DEFAULT_CRI_SOCKET, '-n', 'k8s.io', 'images', 'import', given.images]);
  await writeKubeconfig(file('kubelet.kubeconfig'), [
    { name: node.name, server, ca: certificates.ca, client: own.client },
  ]);
  await writeFile(
    file('kubelet.json'),
    JSON.stringify({
      ...kubeletConfig(node, file('resolv.conf')),
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: certificates.ca.certificate },
      },
      tlsCertFile: own.server.certificate,
      tlsPrivateKeyFile: own.server.key,
    }),
  );
  await machine.start('kubelet', [
    join(programs, 'kubelet'),
    `--config=${file('kubelet.json')}`,
    `--kubeconfig=${file('kubelet.kubeconfig')}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.addresses.join(',')}`,
  ]);
  await writeKubeconfig(file('kube-proxy.kubeconfig'), [
    { name: node.name, server, ca: certificates.ca, client: certificates.proxy },
  ]);
  await writeFile(file('kube-proxy.json'), JSON.stringify(proxyConfig(node, file('kube-proxy.kubeconfig'))));
  await machine.start('kube-proxy', [join(programs, 'kube-proxy'), `--config=${file('kube-proxy.json')}`]);
}

/** Waits until a node’s containerd answers. Throws where it does not within a minute. */
export async function waitForContainerd(machine: RunningMachine): Promise<void> {
  const attempts = [
    'sh',
    '-c',
    `until ctr -a ${DEFAULT_CRI_SOCKET} version >/dev/null 2>&1; do sleep 0.1; done`,
  ];
  await machine.run(['timeout', '60', ...attempts]);
}

async function containerdConfig(directory: string): Promise<string> {
  const { type } = await statfs(directory);
  const snapshotter = type === OVERLAYFS_MAGIC ? 'native' : 'overlayfs';
  return `version = 2
[grpc]
address = "${DEFAULT_CRI_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
# A machine without CAP_SYS_RESOURCE refuses the lower values that containerd asks for.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "${snapshotter}"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${join(directory, 'net.d')}"
`;
}

/** Each pod on a link of its own, so that also Services between pods of one node go through the node's rules. */
function podNetwork(node: Node): object {
  const routes = FAMILIES.map(({ family }) => ({ dst: family === 4 ? '0.0.0.0/0' : '::/0' }));
  const ipam = {
    type: 'host-local',
    dataDir: '/var/lib/cni/networks',
    ranges: node.podCidrs.map((subnet) => [{ subnet }]),
    routes,
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipam }] };
}

function kubeletConfig(node: Node, resolvConf: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.addresses[0],
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroupOf(node.name),
    clusterDNS: NAME_SERVERS,
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${DEFAULT_CRI_SOCKET}`,
    enforceNodeAllocatable: [],
    evictionHard: { 'memory.available': '50Mi' },
    failCgroupV1: false,
    failSwapOn: false,
    imageGCHighThresholdPercent: 100,
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    resolvConf,
  };
}

function proxyConfig(node: Node, kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    bindAddress: isIpv6(node.addresses[0]) ? '::' : '0.0.0.0',
    clusterCIDR: POD_CIDRS,
    // Limits of connection tracking belong to the whole machine: zero leaves them as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: '0s', tcpEstablishedTimeout: '0s' },
    hostnameOverride: node.name,
    oomScoreAdj: 0,
  };
}
