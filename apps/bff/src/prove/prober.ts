import type { KubeClient } from '@flatland/kube/client/kube-client';
import { openPodProxy } from '@flatland/kube/client/pod-proxy';
import { readText } from '@flatland/kube/client/transport';
import type { IpAddress } from '@flatland/shared/address/ip';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { NamespaceName, ObjectName } from '@flatland/shared/model/names';
import { chosenInstances } from '@flatland/shared/reachability/question';
import type { EndRef, Verdict } from '@flatland/shared/reachability/verdict';
import type { PairProbe } from '@flatland/shared/report/console-event';
import {
  REPORT_PORT,
  zProbeResult,
  type Datapath,
  type ProbeRequest,
  type ProbeResult,
} from '@flatland/shared/report/report';
import type { InstanceView, WorkloadView } from '@flatland/shared/topology/topology';
import type { AgentPod } from '../clusters/agent-reports.ts';
import type { World } from '../state/world.ts';
import { targetAddress, type ProbeTarget } from './target-address.ts';

/** How long an echo is waited for. */
const ECHO_TIMEOUT_MS = 1000;
const CALL_TIMEOUT_MS = 5000;
const MAX_RESULT_BYTES = 64 * 1024;

export interface ProberDeps {
  readonly world: () => World;
  readonly client: (cluster: string) => KubeClient | undefined;
  readonly agentOn: (cluster: string, node: string) => AgentPod | undefined;
  readonly nowMs: () => number;
  /** How packets are carried, for probes that no agent answers. */
  readonly datapath: () => Datapath;
}

/** Which packet to send. */
export interface ProbeOrder {
  readonly from: EndRef;
  readonly to: EndRef;
  /** Addresses that the target had, for when it has none any more. */
  readonly lastAddresses?: readonly IpAddress[];
}

/**
 * Sends one real packet from an instance of `from` to one of `to` by the agent of the source's node, and says
 * whether what came of it agrees with the verdict of the same moment. Never throws: a packet that cannot be sent
 * gives `probe-impossible`.
 */
export async function probePair(order: ProbeOrder, deps: ProberDeps): Promise<PairProbe> {
  const world = deps.world();
  const verdict = world.reachability.verdict(order.from, order.to);
  const source = sourceOf(world, order, verdict);
  const target = source && targetOf(world, { order, source: source.instance, verdict });
  const result =
    source === undefined || target === undefined
      ? impossible({ order, source, why: whyNot(order, source) }, deps)
      : await send({ source, target, order }, deps);
  return {
    from: order.from.workload,
    to: order.to.workload,
    ...(target?.domain === undefined ? {} : { domain: target.domain }),
    result,
    verdict: { answer: verdict.answer, reason: verdict.reason },
    agrees: agrees(verdict, result),
  };
}

/** Whether the packet did what the verdict says. Where either is not known there is nothing to disagree about. */
export function agrees(verdict: Pick<Verdict, 'answer'>, result: ProbeResult): boolean {
  if (verdict.answer === 'unknown' || result.reason === 'probe-impossible') return true;
  return (verdict.answer === 'yes') === result.echoed;
}

interface Source {
  readonly workload: WorkloadView;
  readonly instance: InstanceView;
}

function sourceOf(world: World, { from }: ProbeOrder, verdict: Verdict): Source | undefined {
  const workload = world.topology.workloads[from.workload];
  const instance = workload && memberFirst(chosenInstances(workload, from), verdict);
  return workload && instance && { workload, instance };
}

function targetOf(
  world: World,
  { order, source, verdict }: { order: ProbeOrder; source: InstanceView; verdict: Verdict },
): (ProbeTarget & { readonly uid: string | undefined }) | undefined {
  const workload = world.topology.workloads[order.to.workload];
  const candidates = workload === undefined ? [] : chosenInstances(workload, order.to);
  const others = candidates.filter((candidate) => candidate.uid !== source.uid);
  const instance = memberFirst(others.length > 0 ? others : candidates, verdict);
  const known = { shared: verdict.domains, last: order.lastAddresses ?? [] };
  const target = targetAddress(world.topology, { from: source, to: instance }, known);
  return target && { ...target, uid: instance?.uid };
}

/** An instance that is programmed in a shared domain, else any. */
function memberFirst(instances: readonly InstanceView[], verdict: Verdict): InstanceView | undefined {
  const isShared = (instance: InstanceView) =>
    instance.members.some(({ domain }) => verdict.domains.includes(domain));
  return instances.find(isShared) ?? instances.find(({ members }) => members.length > 0) ?? instances[0];
}

interface Packet {
  readonly source: Source;
  readonly target: ProbeTarget & { readonly uid: string | undefined };
  readonly order: ProbeOrder;
}

async function send({ source, target, order }: Packet, deps: ProberDeps): Promise<ProbeResult> {
  const { cluster, namespace } = source.workload;
  const fail = (why: string) => impossible({ order, source, why }, deps);
  const agent = deps.agentOn(cluster, source.instance.node);
  const client = deps.client(cluster);
  if (agent === undefined || client === undefined)
    return fail(`node ${source.instance.node} has no running agent`);
  const body: ProbeRequest = {
    from: { namespace, pod: source.instance.name as ObjectName },
    to: target.address,
    protocol: target.ambiguous ? 'UDP' : 'ICMP',
    timeoutMs: ECHO_TIMEOUT_MS,
    ...(target.uid === undefined ? {} : { expectUid: target.uid }),
  };
  const pod = { namespace: SYSTEM_NAMESPACE, name: agent.name, port: REPORT_PORT };
  const options = {
    path: '/v1/probes',
    method: 'POST' as const,
    body,
    timeoutMs: CALL_TIMEOUT_MS,
    maxTries: 1,
  };
  const answer = await openPodProxy(client, pod, options);
  if (!answer.ok) return fail(answer.error.message);
  return (await readResult(answer.value.body)) ?? fail('the agent’s answer cannot be read');
}

async function readResult(body: Parameters<typeof readText>[0]): Promise<ProbeResult | undefined> {
  try {
    const text = await readText(body, MAX_RESULT_BYTES);
    const parsed = zProbeResult.safeParse(JSON.parse(text ?? ''));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const UNSPECIFIED = '0.0.0.0' as IpAddress;

function impossible(
  { order, source, why }: { order: ProbeOrder; source: Source | undefined; why: string },
  deps: ProberDeps,
): ProbeResult {
  const [, namespace = '', , name = ''] = order.from.workload.split('/');
  return {
    from: {
      namespace: namespace as NamespaceName,
      pod: (source?.instance.name ?? order.from.instance ?? name) as ObjectName,
    },
    to: order.lastAddresses?.[0] ?? UNSPECIFIED,
    protocol: 'ICMP',
    echoed: false,
    reason: 'probe-impossible',
    detail: why,
    datapath: deps.datapath(),
    atMs: deps.nowMs(),
  };
}

function whyNot(order: ProbeOrder, source: Source | undefined): string {
  if (source === undefined) return `${order.from.workload} has no running instance`;
  return `${order.to.workload} has no address in a domain`;
}
