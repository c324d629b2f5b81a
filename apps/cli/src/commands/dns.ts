import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { describeError, type KubeError } from '@flatland/kube/client/error';
import { apiVersionOf, type Resource } from '@flatland/kube/client/resource';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { getObject, listObjects, mergePatchObject } from '@flatland/kube/client/objects';
import { ConfigMap, DaemonSet, Deployment, Domain, Service } from '@flatland/kube/client/resources';
import { nameServer, NAME_SERVERS, type NameServer } from '@flatland/shared/dns/name-server';
import { CLUSTER_DNS_SERVICE, DNS_SERVICE, NODE_DNS } from '@flatland/shared/dns/node-dns';
import {
  COREFILE_MARKS,
  corefileState,
  forwardingBlock,
  wireCorefile,
  type WiringState,
} from '@flatland/shared/dns/wire-corefile';
import { zonesToForward } from '@flatland/shared/dns/zones';
import { zDomain } from '@flatland/shared/model/domain';
import {
  SYSTEM_NAMESPACE,
  zKubernetesObject,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { REASONS, whyRefused, type Refusal } from '@flatland/shared/reason/reasons';
import { err, type Result } from '@flatland/shared/result';
import { targetConnections } from '../install/target-clusters.ts';
import { CommandError } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';

export interface DnsOptions {
  readonly json?: boolean;
  readonly context?: string;
  readonly apply?: boolean;
  readonly remove?: boolean;
}

/** What `flatland dns --json` prints. */
interface DnsReport {
  readonly context: string;
  readonly nameServer: string;
  readonly zones: readonly string[];
  readonly state: WiringState;
  /** The Corefile as it is, or is to be. */
  readonly corefile: string;
}

const NAMESPACE = 'kube-system';
const SERVICE_MISSING: Refusal = {
  code: 'dns-service-missing',
  detail: `${SYSTEM_NAMESPACE} has no Service ${DNS_SERVICE.name}`,
};
const TAKE_OUT = `Take what stands between “${COREFILE_MARKS.begin}” and “${COREFILE_MARKS.end}” out of it by hand, where it is there`;

/**
 * `flatland dns KUBECONFIG`: says whether a cluster's name server forwards the zones of its domains, also of those that are
 * to come below `flatland`, and prints the Corefile that does; `--apply` writes it, `--remove` the one without. Changes
 * nothing that somebody else keeps, nothing that is not understood, and nothing that changed since it was read; then it
 * says what to put in, or to take out, by hand.
 */
export async function wireDns(io: CommandIo, options: DnsOptions, file: string): Promise<void> {
  const [connection] = targetConnections(file, options.context === undefined ? [] : [options.context]);
  const context = connection.cluster;
  const client = openKubeClient(connection, {
    addressPolicy: localAddressPolicy,
    userAgent: 'flatland-cli',
  });
  try {
    const zones = options.remove === true ? [] : await zonesOf(client);
    const { found, resourceVersionOf } = await readNameServer(client);
    const agent = (found.ok ? found.value.agent : undefined) ?? NODE_DNS;
    const orRefuse = <T>(result: Result<T, Refusal>): T => {
      if (result.ok) return result.value;
      const { code } = result.error;
      const isByHand = code === 'corefile-managed' || code === 'corefile-unreadable';
      if (isByHand && zones.length > 0) io.out(forwardingBlock(zones, agent).trimEnd());
      const next = isByHand && zones.length === 0 ? TAKE_OUT : REASONS[code].next;
      throw new CommandError(whyRefused(result.error), { next });
    };
    const server = orRefuse(found);
    if (server.agent === undefined && zones.length > 0) orRefuse(err(SERVICE_MISSING));
    if (server.kept !== undefined) orRefuse(err(server.kept));
    const resourceVersion = resourceVersionOf(server.name);
    const state = orRefuse(corefileState(server.corefile, zones, agent));
    const corefile = orRefuse(wireCorefile(server.corefile, zones, agent));
    const isDone = corefile === server.corefile;
    if (options.apply === true && !isDone) await write(client, server, { corefile, resourceVersion });
    const isApplied = options.apply === true && !isDone;
    const report: DnsReport = {
      context,
      nameServer: server.name,
      zones,
      state: isApplied ? (zones.length > 0 ? 'wired' : 'not-wired') : state,
      corefile,
    };
    print(io, options, report, () => textOf(report, { isDone, isApplied }));
  } finally {
    await client.close();
  }
}

function textOf(
  { context, nameServer, zones, corefile }: DnsReport,
  { isDone, isApplied }: { readonly isDone: boolean; readonly isApplied: boolean },
): string {
  const what = zones.length > 0 ? `forwards ${zones.join(', ')}` : 'forwards nothing of Flatland’s';
  if (isDone) return `${nameServer} in ${context} ${what}`;
  if (isApplied) return `${nameServer} in ${context} ${what} as soon as it has read its Corefile again`;
  return [
    `${nameServer} in ${context} does not yet do what it should. Say --apply, or run`,
    `  kubectl --context ${context} -n ${NAMESPACE} edit configmap ${nameServer}`,
    'and make its Corefile this:',
    '',
    corefile.trimEnd(),
  ].join('\n');
}

async function zonesOf(client: KubeClient): Promise<string[]> {
  const domains = orFail(await listObjects<unknown>(client, Domain));
  const parsed = domains.items.flatMap((item) => {
    const domain = zDomain.safeParse({
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Domain',
      ...(item as object),
    });
    return domain.success ? [domain.data.spec.dnsName] : [];
  });
  return zonesToForward(parsed);
}

async function readNameServer(client: KubeClient): Promise<{
  readonly found: Result<NameServer, Refusal>;
  readonly resourceVersionOf: (name: string) => string;
}> {
  const [daemonSets, deployments, services, configMaps] = await Promise.all([
    readAll(client, DaemonSet),
    readAll(client, Deployment),
    readEach(client, Service, [
      { namespace: SYSTEM_NAMESPACE, name: DNS_SERVICE.name },
      { namespace: NAMESPACE, name: CLUSTER_DNS_SERVICE },
    ]),
    readEach(
      client,
      ConfigMap,
      NAME_SERVERS.map((name) => ({ namespace: NAMESPACE, name })),
    ),
  ]);
  return {
    found: nameServer({ daemonSets, deployments, configMaps, services }),
    resourceVersionOf: (name) =>
      configMaps.find(({ metadata }) => metadata.name === name)?.metadata.resourceVersion ?? '',
  };
}

async function readAll(client: KubeClient, type: Resource): Promise<KubernetesObject[]> {
  const list = orFail(await listObjects<unknown>(client, type, { namespace: NAMESPACE }));
  return list.items.flatMap((item) => readable(item, type));
}

/** Those of several objects that are there. */
async function readEach(
  client: KubeClient,
  type: Resource,
  refs: readonly { readonly namespace: string; readonly name: string }[],
): Promise<KubernetesObject[]> {
  const found = await Promise.all(refs.map((ref) => getObject<unknown>(client, type, ref)));
  return found.flatMap((one) => {
    if (one.ok) return readable(one.value, type);
    return one.error.kind === 'notFound' ? [] : orFail(one);
  });
}

async function write(
  client: KubeClient,
  { name }: NameServer,
  { corefile, resourceVersion }: { readonly corefile: string; readonly resourceVersion: string },
): Promise<void> {
  const patch = { metadata: { resourceVersion }, data: { Corefile: corefile } };
  const written = await mergePatchObject(client, ConfigMap, {
    namespace: NAMESPACE,
    name,
    patch,
    fieldManager: 'flatland',
  });
  if (!written.ok && written.error.kind === 'conflict')
    throw new CommandError(`${name} was changed meanwhile`, { next: 'Look at it, and say it again' });
  orFail(written);
}

/** An object as the API gave it; items of a list carry no kind of their own. */
function readable(raw: unknown, type: Resource): KubernetesObject[] {
  const typed = { apiVersion: apiVersionOf(type), kind: type.kind, ...(raw as object) };
  const parsed = zKubernetesObject.safeParse(typed);
  return parsed.success ? [parsed.data] : [];
}

function orFail<T>(result: Result<T, KubeError>): T {
  if (result.ok) return result.value;
  throw new CommandError(describeError(result.error));
}
