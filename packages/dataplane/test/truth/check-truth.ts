import type { IpAddress } from '@flatland/shared/address/ip';
import type { ClusterName, NamespaceName, ObjectName } from '@flatland/shared/model/names';
import { createReachability, type Reachability } from '@flatland/shared/reachability/explain';
import { tunnelsOf } from '@flatland/shared/reachability/tunnels';
import type { Verdict } from '@flatland/shared/reachability/verdict';
import type { ProbeRequest } from '@flatland/shared/report/report';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import { causesOfDoubt, expectationOf } from './expectation.ts';
import { instancesOf, type TruthInstance, type TruthTopology } from './topology.ts';
import type { TruthWorld } from './truth-world.ts';

/** How long a topology may take to become what it should, and how often it is looked at. */
export const PATIENCE_MS = 90_000;
const LOOK_MS = 500;
const PROBE_TIMEOUT_MS = 1000;

/** What was found out about a topology. */
export interface Truth {
  /** Where verdict, packet and expectation differ, in words; empty where they agree. */
  readonly disagreements: readonly string[];
  /** Ordered pairs of instances by verdict. */
  readonly answers: Readonly<Record<Verdict['answer'], number>>;
  readonly nPackets: number;
}

interface Pair {
  readonly a: TruthInstance;
  readonly b: TruthInstance;
  readonly verdict: Verdict;
}

/** One packet to an address that the target has in a domain. */
interface Packet {
  readonly pair: Pair;
  readonly domain: string;
  readonly to: IpAddress;
  /** Whether the source has an address of this family there. */
  readonly hasFamily: boolean;
}

/**
 * Asks for the verdict about every ordered pair of instances, sends a packet to every address that the second has in any
 * domain, and compares: yes where an echo comes from the right pod, no where none does. Waits for what takes its time,
 * not for what is wrong; where something is unknown it looks once more when that has had the time to become known.
 */
export async function checkTruth(
  topology: TruthTopology,
  world: TruthWorld,
  patienceMs = PATIENCE_MS,
): Promise<Truth> {
  let isSettled = false;
  for (let waitedMs = 0; ;) {
    const truth = await look(topology, world, waitedMs >= patienceMs);
    const agrees = truth.disagreements.length === 0;
    if (waitedMs >= patienceMs || (agrees && (isSettled || truth.answers.unknown === 0))) return truth;
    isSettled = agrees;
    const pauseMs = agrees ? world.settleMs : LOOK_MS;
    await world.pass(pauseMs);
    waitedMs += pauseMs;
  }
}

/** Sends no packets while a verdict is not what it has to be, unless it is the last look. */
async function look(topology: TruthTopology, world: TruthWorld, isLast: boolean): Promise<Truth> {
  const pairs = await readVerdicts(topology, world);
  const doubts = pairs.flatMap((pair) => doubtsAbout(topology, pair));
  const answers = countAnswers(pairs);
  if (doubts.length > 0 && !isLast) return { disagreements: doubts, answers, nPackets: 0 };
  const packets = pairs.flatMap((pair) => packetsOf(topology, world, pair));
  const echoed = await sendAll(packets, world);
  const wrong = pairs.flatMap((pair) => compare(topology, pair, packets, echoed));
  return { disagreements: [...doubts, ...wrong], answers, nPackets: packets.length };
}

async function readVerdicts(topology: TruthTopology, world: TruthWorld): Promise<Pair[]> {
  const reachability = await readReachability(topology, world);
  const instances = instancesOf(topology);
  return instances.flatMap((a) =>
    instances
      .filter((b) => b !== a)
      .map((b) => ({ a, b, verdict: reachability.verdict(endOf(a), endOf(b)) })),
  );
}

async function readReachability(topology: TruthTopology, world: TruthWorld): Promise<Reachability> {
  const nodes = topology.clusters.flatMap((cluster) => cluster.nodes.map(({ name }) => name));
  const reports = await world.during(Promise.all(nodes.map((node) => world.report(node))));
  const clusters = [...world.apis].map(([name, api]) => ({
    cluster: name as ClusterName,
    reachable: !api.isAway,
    lastSeenMs: 0,
    readOnly: false,
    version: 'v1.37.0',
    objects: api.list(),
  }));
  return createReachability(buildTopology({ clusters }), tunnelsOf(reports));
}

/** What time may still mend: an unknown verdict without a cause, and one that is not what it must be. */
function doubtsAbout(topology: TruthTopology, { a, b, verdict }: Pair): string[] {
  const said = `${nameOf(a)} -> ${nameOf(b)}: the verdict is ${verdict.answer} (${verdict.reason}: ${verdict.detail})`;
  const wanted = topology.domains.map((domain) => expectationOf(topology, domain, a, b));
  const isAway = [a, b].some(({ workload }) => topology.away.includes(workload.cluster));
  if (wanted.includes('reaches') && verdict.answer !== 'yes' && !isAway)
    return [`${said}, they must reach each other`];
  if (wanted.every((one) => one === 'apart') && verdict.answer === 'yes')
    return [`${said}, they share no domain`];
  if (verdict.answer === 'unknown' && causesOfDoubt(topology, a, b).length === 0)
    return [`${said}, nothing explains that`];
  return [];
}

function packetsOf(topology: TruthTopology, world: TruthWorld, pair: Pair): Packet[] {
  const { a, b } = pair;
  return topology.domains.flatMap(({ name: domain }) => {
    const own = world.addressesOf(a.workload.cluster, a.pod.uid, domain);
    return world.addressesOf(b.workload.cluster, b.pod.uid, domain).map((to) => ({
      pair,
      domain,
      to,
      hasFamily: own.some((address) => address.includes(':') === to.includes(':')),
    }));
  });
}

/** Which packets were echoed by the pod that they were for. */
async function sendAll(packets: readonly Packet[], world: TruthWorld): Promise<Set<Packet>> {
  const echoed = new Set<Packet>();
  const queue = [...packets];
  const work = async () => {
    for (let packet = queue.shift(); packet !== undefined; packet = queue.shift()) {
      const { a, b } = packet.pair;
      const request: ProbeRequest = {
        from: { namespace: a.workload.namespace as NamespaceName, pod: a.pod.name as ObjectName },
        to: packet.to,
        // The one protocol whose echo names its sender.
        protocol: 'UDP',
        timeoutMs: PROBE_TIMEOUT_MS,
        expectUid: b.pod.uid,
      };
      const result = await world.probe(a.pod.node, request);
      if (result.echoed) echoed.add(packet);
    }
  };
  await world.during(Promise.all(Array.from({ length: world.nParallel }, work)));
  return echoed;
}

function compare(
  topology: TruthTopology,
  pair: Pair,
  packets: readonly Packet[],
  echoed: ReadonlySet<Packet>,
): string[] {
  const { a, b, verdict } = pair;
  const said = `${nameOf(a)} -> ${nameOf(b)}: the verdict is ${verdict.answer} (${verdict.reason}: ${verdict.detail})`;
  const own = packets.filter((packet) => packet.pair === pair);
  const wrong = own.flatMap((packet) => {
    const { domain, to, hasFamily } = packet;
    const expectation = expectationOf(
      topology,
      topology.domains.find(({ name }) => name === domain)!,
      a,
      b,
    );
    const came = echoed.has(packet);
    if (came && expectation === 'apart') return [`${to} in ${domain} echoed, which they do not share`];
    if (!came && expectation === 'reaches' && hasFamily) return [`${to} in ${domain} did not echo`];
    const promised = verdict.answer === 'yes' && hasFamily && verdict.domains.some((name) => name === domain);
    if (promised && !came) return [`${to} in ${domain} did not echo`];
    if (!promised && came && verdict.answer !== 'unknown') return [`${to} in ${domain} echoed`];
    if (came && verdict.reason === 'tunnel-down')
      return [`${to} in ${domain} echoed through a tunnel that is down`];
    return [];
  });
  if (verdict.answer === 'yes' && !own.some((packet) => echoed.has(packet)))
    wrong.push('no address of it echoed');
  return wrong.map((what) => `${said}, and ${what}`);
}

function countAnswers(pairs: readonly Pair[]): Truth['answers'] {
  const count = (answer: Verdict['answer']) => pairs.filter((pair) => pair.verdict.answer === answer).length;
  return { yes: count('yes'), no: count('no'), unknown: count('unknown') };
}

function endOf({ workload, pod }: TruthInstance) {
  const { cluster, namespace, kind, name } = workload;
  return { workload: `${cluster}/${namespace}/${kind}/${name}`, instance: pod.name };
}

function nameOf({ workload, pod, nodeId }: TruthInstance): string {
  return `${nodeId}/${workload.namespace}/${pod.name}`;
}
