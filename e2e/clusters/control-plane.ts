import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '@flatland/lab/machine/run-command';
import type { CertificateFiles, ClusterCertificates } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { API_PORT, apiUrl, SERVICE_CIDRS, type Cluster } from './layout.ts';
import type { RunningMachine } from './machine.ts';

const ETCD_URL = 'http://127.0.0.1:2379';
const ETCD_PEER_URL = 'http://127.0.0.1:2380';
const READY_TIMEOUT_MS = 120_000;

/** Starts etcd, API server, controller manager and scheduler of a cluster. */
export async function startControlPlane(
  machine: RunningMachine,
  cluster: Cluster,
  certificates: ClusterCertificates,
  programs: string,
): Promise<void> {
  const kubeconfig = async (name: string, client: CertificateFiles) => {
    const path = join(machine.directory, `${name}.kubeconfig`);
    const server = apiUrl(cluster.control.addresses);
    await writeKubeconfig(path, [{ name, server, ca: certificates.ca, client }]);
    return path;
  };
  await machine.start('etcd', [
    join(programs, 'etcd'),
    `--data-dir=${join(machine.directory, 'etcd')}`,
    `--name=${cluster.name}`,
    `--listen-client-urls=${ETCD_URL}`,
    `--advertise-client-urls=${ETCD_URL}`,
    `--listen-peer-urls=${ETCD_PEER_URL}`,
    `--initial-advertise-peer-urls=${ETCD_PEER_URL}`,
    `--initial-cluster=${cluster.name}=${ETCD_PEER_URL}`,
  ]);
  await machine.start('kube-apiserver', [
    join(programs, 'kube-apiserver'),
    ...apiServerFlags(cluster, certificates),
  ]);
  const managed = await kubeconfig('kube-controller-manager', certificates.controllerManager);
  await waitInside(machine, programs);
  await machine.start('kube-controller-manager', [
    join(programs, 'kube-controller-manager'),
    ...outOfSight(managed),
    `--root-ca-file=${certificates.ca.certificate}`,
    `--service-account-private-key-file=${certificates.serviceAccounts.key}`,
    '--use-service-account-credentials=true',
  ]);
  const scheduled = await kubeconfig('kube-scheduler', certificates.scheduler);
  await machine.start('kube-scheduler', [join(programs, 'kube-scheduler'), ...outOfSight(scheduled)]);
}

/**
 * Waits, on the machine of a control plane, until its API is ready: a controller manager gives up where it is not within
 * ten seconds. Throws where it does not get there.
 */
export async function waitInside(machine: RunningMachine, programs: string): Promise<void> {
  const config = join(machine.directory, 'kube-controller-manager.kubeconfig');
  const ready = [join(programs, 'kubectl'), '--kubeconfig', config, 'get', '--raw', '/readyz'].join(' ');
  const wait = `until ${ready} >/dev/null 2>&1; do sleep 0.2; done`;
  await machine.run(['timeout', String(READY_TIMEOUT_MS / 1000), 'sh', '-c', wait]);
}

/** Waits until an API server says that it is ready. Throws with its last words where it does not. */
export async function waitForApi(kubectl: string, kubeconfig: string, context: string): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      await runCommand(kubectl, [
        '--kubeconfig',
        kubeconfig,
        '--context',
        context,
        'get',
        '--raw',
        '/readyz',
      ]);
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
    }
    await sleep(200);
  }
}

function apiServerFlags(cluster: Cluster, certificates: ClusterCertificates): string[] {
  const { ca, apiServer, kubeletClient, serviceAccounts } = certificates;
  return [
    `--etcd-servers=${ETCD_URL}`,
    `--advertise-address=${cluster.control.addresses[0]}`,
    // Every address of both families.
    '--bind-address=::',
    `--secure-port=${API_PORT}`,
    `--service-cluster-ip-range=${SERVICE_CIDRS}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${ca.certificate}`,
    `--tls-cert-file=${apiServer.certificate}`,
    `--tls-private-key-file=${apiServer.key}`,
    `--kubelet-certificate-authority=${ca.certificate}`,
    `--kubelet-client-certificate=${kubeletClient.certificate}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccounts.certificate}`,
    `--service-account-signing-key-file=${serviceAccounts.key}`,
  ];
}

/** Flags of a program that is one of a kind and that nobody calls. */
function outOfSight(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1'];
}
