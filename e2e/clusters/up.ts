import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPrograms } from './build.ts';
import { makeCertificates, type ClusterCertificates } from './certificates.ts';
import { startControlPlane, waitForApi } from './control-plane.ts';
import { CLAIM, isClaimed, STARTER, takeDown } from './down.ts';
import { buildImages } from './image.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { apiUrl, CLUSTERS, FAMILY_CHOICE, type Cluster } from './layout.ts';
import { HIDDEN_DIRECTORIES, startMachine } from './machine.ts';
import { makeNetwork, networkTraces } from './network.ts';
import { startNode } from './node.ts';
import { needPackages } from './packages.ts';
import { isAlive, readRecords, recordOf, writeRecord } from './processes.ts';
import { kubectl, nodeObjects, sampleObjects, waitForSample } from './sample.ts';
import type { Settings } from './settings.ts';

/**
 * Brings both clusters up with the sample running, and gives the path of their kubeconfig. Clusters of this directory
 * that run already are left as they are; what an earlier start left half-made is taken down first.
 */
export async function bringUp(settings: Settings, say: (text: string) => void): Promise<string> {
  const { directory, programs, release } = settings;
  const kubeconfig = join(directory, 'kubeconfig');
  if (await isUp(directory)) return kubeconfig;
  checkPlace(settings);
  await needPackages(say);
  await buildPrograms(settings, say);
  await takeDown(directory);
  await claim(directory);
  say(`starts Kubernetes ${release}: ${CLUSTERS.map(({ name }) => name).join(', ')}`);
  const images = join(directory, 'images.tar');
  await Promise.all([makeNetwork(), buildImages(join(directory, 'image'), images)]);
  const given = { directory, programs, kubeconfig, images };
  const made = await Promise.all(CLUSTERS.map((cluster) => startControl(given, cluster)));
  await writeKubeconfig(
    kubeconfig,
    CLUSTERS.map(({ name, apiAddresses }, index) => {
      const { ca, admin } = made[index]!;
      return { name, server: apiUrl(apiAddresses), ca, client: admin };
    }),
  );
  await Promise.all(CLUSTERS.map((cluster, index) => startNodes(given, cluster, made[index]!)));
  say('waits for the sample');
  for (const { name } of CLUSTERS) await waitForSample(given, name);
  await writeFile(join(directory, READY), FAMILY_CHOICE);
  return kubeconfig;
}

/** File that says that a start came to its end, and of which families the clusters are. */
const READY = 'ready';

interface Given {
  readonly directory: string;
  readonly programs: string;
  readonly kubeconfig: string;
  readonly images: string;
}

async function startControl({ directory, programs }: Given, cluster: Cluster): Promise<ClusterCertificates> {
  const certificates = await makeCertificates(join(directory, 'pki', cluster.name), cluster);
  const machine = await startMachine(directory, cluster.control.name);
  await startControlPlane(machine, cluster, certificates, programs);
  return certificates;
}

async function startNodes(given: Given, cluster: Cluster, certificates: ClusterCertificates): Promise<void> {
  const { directory, programs, kubeconfig, images } = given;
  await waitForApi(join(programs, 'kubectl'), kubeconfig, cluster.name);
  const apply = (objects: object) =>
    kubectl(given, cluster.name, ['apply', '-f', '-'], { input: JSON.stringify(objects) });
  await apply(nodeObjects(cluster));
  await Promise.all(
    cluster.nodes.map(async (node) => {
      const machine = await startMachine(directory, node.name);
      await startNode(machine, { cluster, node, certificates, programs, images });
    }),
  );
  // Only then are pods spread over all nodes.
  await kubectl(given, cluster.name, ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s']);
  await apply(sampleObjects(cluster.name));
}

/**
 * True where a start over this directory came to its end and all that it started still runs. Throws where these clusters
 * are of other address families than those that are asked for.
 */
export async function isUp(directory: string): Promise<boolean> {
  const families = await readFile(join(directory, READY), 'utf8').catch(() => undefined);
  if (families === undefined) return false;
  const records = await readRecords(directory);
  records.delete(STARTER);
  const alive = await Promise.all([...records.values()].map(isAlive));
  if (alive.length === 0 || !alive.every(Boolean)) return false;
  if (families !== FAMILY_CHOICE)
    throw new Error(
      `the clusters of ${directory} are up with FLATLAND_CLUSTERS_FAMILY=${families}; take them down, or use another set`,
    );
  return true;
}

async function claim(directory: string): Promise<void> {
  const others = await networkTraces();
  if (others.length > 0)
    throw new Error(`clusters of another directory are up: there are the namespaces ${others.join(', ')}`);
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0 && !(await isClaimed(directory)))
    throw new Error(`${directory} holds other things than clusters`);
  await writeFile(join(directory, CLAIM), '');
  await writeRecord(directory, STARTER, (await recordOf(process.pid))!);
}

function checkPlace({ directory, programs }: Settings): void {
  if (process.getuid?.() !== 0)
    throw new Error('real clusters need root: network namespaces, mounts and cgroups');
  for (const hidden of HIDDEN_DIRECTORIES)
    for (const path of [directory, programs])
      if (`${path}/`.startsWith(`${hidden}/`))
        throw new Error(`${path} is below ${hidden}, which each node has of its own; choose another place`);
}
