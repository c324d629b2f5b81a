import { REPORT_PORT, zNodeReport, type NodeReport } from '@flatland/shared/report/report';
import { given } from '../clusters/given.ts';
import { kubectl } from '../clusters/sample.ts';

/** Objects of a cluster, by the words of `kubectl get`. */
export async function get<T>(cluster: string, ...args: readonly string[]): Promise<T[]> {
  const text = await kubectl(given, cluster, ['get', ...args, '-o', 'json']);
  return (JSON.parse(text) as { items: T[] }).items;
}

/** Runs a command line, split at spaces, in a pod; it has ten seconds. */
export function inPod(
  cluster: string,
  pod: { readonly namespace: string; readonly name: string },
  command: string,
): Promise<string> {
  const words = ['timeout', '10', ...command.split(' ')];
  return kubectl(given, cluster, ['-n', pod.namespace, 'exec', pod.name, '--', ...words]);
}

/** Applies objects as a person does. */
export async function apply(cluster: string, items: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(given, cluster, ['apply', '--server-side', '-f', '-'], { input });
}

/** The address of a domain's router on a pod's node, which answers for names. */
export async function routerOf(
  cluster: string,
  domain: string,
  pod: { readonly spec: { readonly nodeName: string } },
): Promise<string> {
  const peers = await get<{ spec: { domain: string; node: string; routerAddresses: string[] } }>(
    cluster,
    'nodepeers',
  );
  const own = peers.find(({ spec }) => spec.domain === domain && spec.node === pod.spec.nodeName);
  return own!.spec.routerAddresses[0]!;
}

/** What the agents of a cluster report. */
export async function reportsOf(cluster: string): Promise<NodeReport[]> {
  const agents = ['-n', 'flatland-system', '-l', 'app.kubernetes.io/name=flatland-agent'];
  const pods = await get<{ metadata: { name: string } }>(cluster, 'pods', ...agents);
  return Promise.all(
    pods.map(async ({ metadata: { name } }) => {
      const path = `/api/v1/namespaces/flatland-system/pods/${name}:${REPORT_PORT}/proxy/v1/report`;
      return zNodeReport.parse(JSON.parse(await kubectl(given, cluster, ['get', '--raw', path])));
    }),
  );
}
