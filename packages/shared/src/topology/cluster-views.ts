import { compareCidr } from '../address/arithmetic.ts';
import { field, list, stringMap, text } from './facts/json.ts';
import { remoteSides } from './facts/remote-sides.ts';
import { nodeAddresses } from './facts/cluster-ranges.ts';
import type { ClusterFacts } from './facts/cluster-facts.ts';
import { LINKS_SECRET, type ClusterLink } from '../model/cluster-link.ts';
import { SYSTEM_NAMESPACE, type KubernetesObject } from '../model/kubernetes-object.ts';
import type { NamespaceName, NodeName } from '../model/names.ts';
import type { ClusterRanges, ClusterView, LinkView, MirrorView, NodeView } from './topology.ts';

/** Label of the agent's pods. */
export const AGENT_LABEL = { key: 'app.kubernetes.io/name', value: 'flatland-agent' } as const;

/** A cluster as the map shows it. */
export function clusterView(facts: ClusterFacts, ranges: ClusterRanges): ClusterView {
  const { snapshot } = facts;
  return {
    id: snapshot.cluster,
    ranges,
    reachable: snapshot.reachable,
    lastSeenMs: snapshot.lastSeenMs,
    readOnly: snapshot.readOnly,
    version: snapshot.version,
    namespaces: (facts.byKind.get('Namespace') ?? [])
      .map((namespace) => namespace.metadata.name as NamespaceName)
      .toSorted(),
    mirrors: mirrors(facts),
    links: facts.clusterLinks.map(linkView),
  };
}

function linkView({ metadata, spec, status }: ClusterLink): LinkView {
  return {
    name: metadata.name,
    cluster: spec.cluster,
    mode: spec.mode,
    hub: spec.hub,
    ownsToken: spec.secretName === LINKS_SECRET,
    ...(status?.tokenExpiresAt !== undefined && { tokenExpiresAt: status.tokenExpiresAt }),
    conditions: status?.conditions ?? [],
  };
}

function mirrors(facts: ClusterFacts): MirrorView[] {
  return remoteSides(facts.remoteSlices).map(({ cluster, domain, peers, conditions }) => ({
    origin: cluster,
    domain,
    nodes: peers.map((peer) => peer.node),
    blocks: peers.flatMap((peer) => peer.blocks).toSorted(compareCidr),
    conditions,
  }));
}

/** A cluster's nodes, each with its side of the domains' tunnels. */
export function nodeViews(facts: ClusterFacts): NodeView[] {
  const agents = new Set(
    facts.pods
      .filter(
        (pod) =>
          pod.namespace === SYSTEM_NAMESPACE &&
          pod.labels[AGENT_LABEL.key] === AGENT_LABEL.value &&
          pod.ready &&
          !pod.terminating,
      )
      .map((pod) => pod.node),
  );
  return (facts.byKind.get('Node') ?? []).map((node) =>
    nodeView(node, facts, agents.has(node.metadata.name)),
  );
}

function nodeView(node: KubernetesObject, facts: ClusterFacts, hasAgent: boolean): NodeView {
  const { cluster } = facts.snapshot;
  const { name } = node.metadata;
  return {
    id: `${cluster}/${name}`,
    cluster,
    name: name as NodeName,
    ready: list(node, 'status', 'conditions').some(
      (condition) => text(condition, '', 'type') === 'Ready' && text(condition, '', 'status') === 'True',
    ),
    schedulable: field(node, 'spec', 'unschedulable') !== true,
    hasAgent,
    addresses: nodeAddresses(node),
    peers: facts.nodePeers
      .filter((peer) => peer.spec.node === name)
      .map(({ spec }) => ({
        domain: spec.domain,
        publicKey: spec.publicKey,
        behindNat: spec.behindNat,
        blocks: spec.blocks,
      }))
      .toSorted((a, b) => (a.domain < b.domain ? -1 : 1)),
  };
}

/** Names of a namespace's NetworkPolicies with what they select. */
export function networkPolicies(
  facts: ClusterFacts,
): { namespace: string; name: string; matchLabels: Record<string, string> }[] {
  return (facts.byKind.get('NetworkPolicy') ?? []).map((policy) => ({
    namespace: policy.metadata.namespace ?? 'default',
    name: policy.metadata.name,
    matchLabels: stringMap(policy, 'spec', 'podSelector', 'matchLabels'),
  }));
}
