import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { zClusterName, type ClusterName } from '@flatland/shared/model/names';
import type { Known } from '@flatland/shared/preflight/facts';
import { preflight, preflightFailures } from '@flatland/shared/preflight/preflight';
import type {
  ConnectedReport,
  ConnectRequest,
  ContextChoice,
  DisconnectReport,
  KubeconfigReading,
  PreflightReport,
} from '../api/cluster.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import type { Console, Principal } from '../api/console.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { chooseContext, readContexts } from '../clusters/kubeconfig-choice.ts';
import { gatherFacts } from '../clusters/preflight/gather-facts.ts';
import { suggestName } from '../clusters/suggest-name.ts';
import type { CredentialVault } from '../credentials/credential-vault.ts';
import type { Journal } from '../journal/journal.ts';
import type { World } from '../state/world.ts';
import { disconnectReport } from './disconnect-report.ts';

/** A cluster that answers slowly holds a person up for no longer. */
const PREFLIGHT_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const UID_NAMESPACE = 'kube-system';

export interface ClusterConnectionsDeps {
  readonly clusters: Clusters;
  readonly vault: CredentialVault;
  readonly journal: Journal;
  readonly world: () => World;
  readonly nowMs: () => number;
  /** True where a change set is being applied to the cluster at this moment. */
  readonly isBeingWritten: (cluster: string) => boolean;
}

/** A preflight with what it was made of. The connection holds secrets: it goes to the vault and to clients only. */
interface Looked {
  readonly report: PreflightReport;
  readonly connection: Connection;
  readonly name: ClusterName;
  readonly clusterUid: string | undefined;
}

/** Clusters that a person adds, gives other credentials, and takes away while the console runs. */
export class ClusterConnections implements ClustersOfConsole {
  readonly #deps: ClusterConnectionsDeps;

  constructor(deps: ClusterConnectionsDeps) {
    this.#deps = deps;
  }

  readKubeconfig(principal: Principal, kubeconfig: string): KubeconfigReading {
    const reading = readContexts(kubeconfig, this.#names());
    const nRefused = reading.contexts.filter(({ faults }) => faults.length > 0).length;
    const detail =
      reading.faults.length > 0
        ? reading.faults.map(({ reason }) => reason).join(', ')
        : `${reading.contexts.length} contexts, ${nRefused} of them refused`;
    const result = reading.faults.length > 0 ? 'refused' : 'done';
    this.#audit(principal, 'read-kubeconfig', { detail, result });
    return reading;
  }

  async preflight(principal: Principal, request: ConnectRequest): Promise<PreflightReport> {
    return this.#audited(principal, 'preflight', async () => {
      const { report } = await this.#look(request);
      this.#audit(principal, 'preflight', { detail: told(report) });
      return report;
    });
  }

  async connect(principal: Principal, request: ConnectRequest): Promise<ConnectedReport> {
    return this.#audited(principal, 'connect-cluster', async () => {
      const looked = await this.#look(request);
      const { report, connection, name, clusterUid } = looked;
      refuseFailed(report);
      const { readOnly } = request;
      this.#deps.journal.atomically(() => {
        // another call may have come first while the cluster was asked
        this.#refuseTaken(name);
        this.#refuseKnown(clusterUid);
        const { person } = principal;
        this.#deps.vault.put(
          { name, clusterUid, readOnly, person, connectedAtMs: this.#deps.nowMs() },
          connection,
        );
        this.#audit(principal, 'connect-cluster', { detail: told(report) });
      });
      this.#deps.clusters.add({ ok: true, name, connection }, { readOnly });
      return { ...report, canConnect: true };
    });
  }

  async replaceCredentials(
    principal: Principal,
    { cluster, ...choice }: ContextChoice & { readonly cluster: string },
  ): Promise<PreflightReport> {
    return this.#audited(principal, 'replace-credentials', async () => {
      const { readOnly } = this.#connected(cluster);
      const { report, connection, name, clusterUid } = await this.#look(
        { ...choice, name: cluster, readOnly },
        'replaced',
      );
      refuseFailed(report);
      await this.#replace(principal, { report, connection, name, clusterUid });
      return report;
    });
  }

  async #replace(principal: Principal, { report, connection, name, clusterUid }: Looked): Promise<void> {
    const { clusters, journal, vault } = this.#deps;
    const kept = this.#connected(name);
    if (kept.clusterUid !== undefined && kept.clusterUid !== clusterUid) {
      const why = clusterUid === undefined ? 'cannot be told to be' : 'are not';
      throw new ConsoleFailure(
        'another-cluster',
        `These credentials ${why} of the cluster that is ${name} here`,
      );
    }
    journal.atomically(() => {
      vault.put({ ...kept, clusterUid }, connection);
      this.#audit(principal, 'replace-credentials', { detail: told(report) });
    });
    vault.wipe();
    await clusters.remove(name);
    clusters.add({ ok: true, name, connection }, { readOnly: kept.readOnly });
  }

  async disconnect(principal: Principal, cluster: string): Promise<DisconnectReport> {
    return this.#audited(principal, 'disconnect-cluster', async () => {
      const { name } = this.#connected(cluster);
      if (this.#deps.isBeingWritten(name))
        throw new ConsoleFailure('busy', `A change set is being applied to ${name}`);
      const { clusters, journal, vault } = this.#deps;
      const report = disconnectReport(name, clusters.snapshot());
      journal.atomically(() => {
        vault.remove(name);
        this.#audit(principal, 'disconnect-cluster', { detail: name });
      });
      vault.wipe();
      await clusters.remove(name);
      return report;
    });
  }

  /** Asks a cluster all that a preflight asks. `replaced`: the name is that of a cluster that is connected. */
  async #look(request: ConnectRequest, mode?: 'replaced'): Promise<Looked> {
    const { context, connection } = chooseContext(request);
    const name = this.#nameFor(request.name ?? suggestName(context, this.#names()));
    if (mode !== 'replaced') this.#refuseTaken(name);
    const named = { ...connection, cluster: name };
    const client = openKubeClient(named, {
      addressPolicy: localAddressPolicy,
      userAgent: 'flatland-console',
      maxBodyBytes: MAX_ANSWER_BYTES,
    });
    try {
      const signal = AbortSignal.timeout(PREFLIGHT_TIMEOUT_MS);
      const facts = await gatherFacts(client, { server: connection.server, signal });
      const clusterUid = uidOf(facts.namespaces);
      if (mode !== 'replaced') this.#refuseKnown(clusterUid);
      const { topology } = this.#deps.world();
      const lines = preflight(facts, {
        name,
        readOnly: request.readOnly,
        clusters: Object.values(topology.clusters).filter(({ id }) => id !== name),
        domains: Object.values(topology.domains),
      });
      const canConnect = preflightFailures(lines).length === 0;
      const { readOnly } = request;
      const report = { context, name, server: connection.server, readOnly, canConnect, lines };
      return { report, connection: named, name, clusterUid };
    } finally {
      await client.close();
    }
  }

  #names(): ReadonlySet<string> {
    const { clusters } = this.#deps;
    return new Set([...clusters.all(), ...clusters.refused()].map(({ name }) => name));
  }

  #nameFor(name: string): ClusterName {
    const parsed = zClusterName.safeParse(name);
    if (parsed.success) return parsed.data;
    throw new ConsoleFailure('invalid-name', `The cluster’s name ${parsed.error.issues[0]?.message}`);
  }

  #refuseTaken(name: string): void {
    if (this.#names().has(name) || this.#deps.vault.get(name) !== undefined)
      throw new ConsoleFailure('name-taken', `There is a cluster ${name} already`);
  }

  /** One cluster under two names would be drawn, planned and written twice. */
  #refuseKnown(clusterUid: string | undefined): void {
    if (clusterUid === undefined) return;
    const live = this.#deps.clusters
      .snapshot()
      .clusters.find(({ objects }) => uidAmong(objects) === clusterUid)?.cluster;
    const kept = this.#deps.journal.connectedClusters
      .all()
      .find((row) => row.clusterUid === clusterUid)?.name;
    const known = live ?? kept;
    if (known !== undefined)
      throw new ConsoleFailure('already-connected', `This cluster is connected already, as ${known}`);
  }

  #connected(name: string) {
    const kept = this.#deps.vault.get(name);
    if (kept !== undefined) return kept;
    if (this.#names().has(name))
      throw new ConsoleFailure('kubeconfig-cluster', `${name} is a context of the console’s kubeconfig`);
    throw new ConsoleFailure('not-found', `There is no cluster ${name}`);
  }

  /** Notes a refusal too, whatever it was for. */
  async #audited<T>(principal: Principal, action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ConsoleFailure && error.code !== 'storage-full')
        this.#audit(principal, action, { detail: `${error.code}: ${error.message}`, result: 'refused' });
      throw error;
    }
  }

  #audit(
    { person }: Principal,
    action: string,
    { detail, result = 'done' }: { detail: string; result?: 'done' | 'refused' },
  ): void {
    this.#deps.journal.audit.append({ atMs: this.#deps.nowMs(), person, action, result, detail });
  }
}

type ClustersOfConsole = Console['clusters'];

function refuseFailed({ lines }: PreflightReport): void {
  const failed = preflightFailures(lines);
  if (failed.length > 0)
    throw new ConsoleFailure(
      'preflight-failed',
      failed.map(({ text, next }) => `${text}. ${next}`).join('; '),
    );
}

function told({ name, context, server, readOnly, lines }: PreflightReport): string {
  const count = (state: string) => lines.filter((line) => line.state === state).length;
  const mode = readOnly ? ', read-only' : '';
  const counts = `${count('failed')} failed, ${count('warning')} warnings, ${count('unknown')} unknown`;
  return `${name} at ${server}${mode}, context ${context}: ${counts}`;
}

function uidOf(namespaces: Known<readonly KubernetesObject[]>): string | undefined {
  return namespaces.ok ? uidAmong(namespaces.value) : undefined;
}

function uidAmong(objects: readonly KubernetesObject[]): string | undefined {
  return objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === UID_NAMESPACE)
    ?.metadata.uid;
}
