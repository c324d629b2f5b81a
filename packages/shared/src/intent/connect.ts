import type { ClusterName } from '../model/names.ts';
import type { Refusal } from '../reason/reasons.ts';
import type { DomainView, ElementRef, Topology, WorkloadId, WorkloadView } from '../topology/topology.ts';
import { chooseDomain } from './choose-domain.ts';
import type { Gesture, Intent } from './intent.ts';
import { joinIntents } from './join-intents.ts';
import { clusterRefusal, enrolRefusal, joinRefusal, spanRefusal, spansCluster } from './rules.ts';
import { suggestDomain } from './suggest-domain.ts';

/**
 * The grammar of gestures: what dragging `source` onto `target` means, for mouse, keyboard, palette,
 * command line and planner alike. Gives intents to stage, a question to answer first, or a refusal.
 */
export function connect(source: ElementRef, target: ElementRef, topology: Topology): Gesture {
  if (source.type === target.type && source.id === target.id)
    return refused({ code: 'same-element', detail: '' });
  if (target.type === 'canvas') return onCanvas(source, topology);
  if (target.type === 'domain') return onDomain(source, target.id, topology);
  if (source.type === 'domain' && target.type !== 'mesh') return onDomain(target, source.id, topology);
  if (source.type === 'workload' && target.type === 'workload')
    return between(source.id, target.id, topology);
  if (source.type === 'workload' && target.type === 'mesh') return onMesh(source.id, target.id, topology);
  return refused({ code: 'no-gesture', detail: `a ${source.type} cannot be connected to a ${target.type}` });
}

/**
 * Why the gesture is refused, or undefined where it means something: cheaper than `connect`, for
 * dimming a whole map while a person drags.
 */
export function connectRefusal(
  source: ElementRef,
  target: ElementRef,
  topology: Topology,
): Refusal | undefined {
  if (source.type === 'workload' && target.type === 'workload' && source.id !== target.id) {
    const a = topology.workloads[source.id];
    const b = topology.workloads[target.id];
    return a && b ? sharedDomainRefusal(a, b) : unknown(a ? target : source);
  }
  const gesture = connect(source, target, topology);
  return gesture.kind === 'refused' ? gesture.refusal : undefined;
}

/** Two workloads that share a domain are connected already. */
function sharedDomainRefusal(a: WorkloadView, b: WorkloadView): Refusal | undefined {
  const others = new Set(b.domains.flatMap((entry) => (entry.counts ? entry.domain : [])));
  const shared = a.domains.find((entry) => entry.counts && others.has(entry.domain));
  return shared && { code: 'already-member', detail: `${a.name} and ${b.name} are both in ${shared.domain}` };
}

function onDomain(source: ElementRef, domainId: string, topology: Topology): Gesture {
  const domain = topology.domains[domainId];
  if (domain === undefined)
    return refused({ code: 'domain-not-found', detail: `there is no domain ${domainId}` });
  switch (source.type) {
    case 'workload': {
      const workload = topology.workloads[source.id];
      if (workload === undefined) return refused(unknown(source));
      const refusal = joinRefusal(topology, workload, domain);
      return refusal ? refused(refusal) : { kind: 'intents', intents: joinIntents(workload, domain) };
    }
    case 'namespace':
      return namespaceOnDomain(source.id, domain, topology);
    case 'cluster': {
      const refusal = spanRefusal(topology, source.id, domain);
      return refusal
        ? refused(refusal)
        : {
            kind: 'intents',
            intents: [{ kind: 'span', cluster: source.id as ClusterName, domain: domain.id }],
          };
    }
    case 'mesh':
      return meshOnDomain(source.id, domain, topology);
    case 'node':
    case 'domain':
    case 'membership':
    case 'partner':
    case 'canvas':
      return refused({ code: 'no-gesture', detail: `a ${source.type} cannot be connected to a domain` });
  }
}

function namespaceOnDomain(id: string, domain: DomainView, topology: Topology): Gesture {
  const [cluster = '', namespace = ''] = id.split('/');
  const view = topology.clusters[cluster];
  if (view === undefined)
    return refused({ code: 'unknown-cluster', detail: `no cluster is called ${cluster}` });
  if (!domain.allowedNamespaces.includes('*') && !domain.allowedNamespaces.includes(namespace))
    return refused({
      code: 'namespace-not-allowed',
      detail: `${domain.id} does not admit namespace ${namespace}`,
    });
  const span: Intent[] = [];
  if (!spansCluster(domain, cluster)) {
    const refusal = clusterRefusal(topology, cluster, domain.prefixes);
    if (refusal) return refused(refusal);
    span.push({ kind: 'span', cluster: view.id, domain: domain.id });
  }
  return {
    kind: 'intents',
    intents: [...span, { kind: 'join-namespace', cluster: view.id, namespace, domain: domain.id }],
  };
}

function meshOnDomain(id: string, domain: DomainView, topology: Topology): Gesture {
  const mesh = topology.meshes[id];
  if (mesh === undefined) return refused({ code: 'no-gesture', detail: `there is no mesh ${id}` });
  if (mesh.domain === domain.id)
    return refused({ code: 'already-member', detail: `${mesh.name} is bound to ${domain.id}` });
  if (mesh.enrolled.length > 0)
    return refused({
      code: 'mesh-bound-elsewhere',
      detail: `${mesh.name} has workloads enrolled over ${mesh.domain}`,
    });
  return { kind: 'intents', intents: [{ kind: 'bind-mesh', mesh: mesh.id, domain: domain.id }] };
}

function onMesh(workloadId: WorkloadId, meshId: string, topology: Topology): Gesture {
  const workload = topology.workloads[workloadId];
  const mesh = topology.meshes[meshId];
  if (workload === undefined || mesh === undefined)
    return refused(unknown({ type: 'workload', id: workloadId }));
  const refusal = enrolRefusal(topology, workload, mesh);
  return refusal
    ? refused(refusal)
    : { kind: 'intents', intents: [{ kind: 'enrol', workload: workload.id, mesh: mesh.id }] };
}

function between(source: WorkloadId, target: WorkloadId, topology: Topology): Gesture {
  const a = topology.workloads[source];
  const b = topology.workloads[target];
  if (a === undefined || b === undefined)
    return refused(unknown({ type: 'workload', id: a === undefined ? source : target }));
  return chooseDomain(
    a,
    b,
    topology,
    suggestDomain(topology, [...new Set([a.cluster, b.cluster])].toSorted()),
  );
}

function onCanvas(source: ElementRef, topology: Topology): Gesture {
  if (source.type === 'membership') return leave(source.id, topology);
  if (source.type === 'workload') {
    const workload = topology.workloads[source.id];
    if (workload === undefined) return refused(unknown(source));
    if (workload.hostNetwork)
      return refused({ code: 'host-network', detail: `${workload.name} uses its node’s network` });
    const clusters = [workload.cluster];
    return {
      kind: 'name-domain',
      members: [workload.id],
      clusters,
      suggestion: suggestDomain(topology, clusters),
    };
  }
  if (source.type === 'cluster' && topology.clusters[source.id]) {
    const clusters = [source.id as ClusterName];
    return { kind: 'name-domain', members: [], clusters, suggestion: suggestDomain(topology, clusters) };
  }
  return refused({ code: 'no-gesture', detail: `a ${source.type} cannot begin a domain` });
}

/** A membership edge is `workload|domain`, so that one Membership over several workloads has an edge for each. */
function leave(edge: string, topology: Topology): Gesture {
  const [workloadId = '', domain = ''] = edge.split('|');
  const workload = topology.workloads[workloadId];
  const entry = workload?.domains.find((candidate) => candidate.domain === domain && candidate.counts);
  if (workload === undefined || entry === undefined)
    return refused({ code: 'not-a-member', detail: `${workloadId} is not in ${domain}` });
  const membership = topology.memberships[entry.membership];
  if (membership?.selects.type === 'selector')
    return refused({
      code: 'selected-by-selector',
      detail: `${membership.name} in ${membership.namespace} selects it`,
    });
  return { kind: 'intents', intents: [{ kind: 'leave', workload: workload.id, domain: entry.domain }] };
}

function refused(refusal: Refusal): Gesture {
  return { kind: 'refused', refusal };
}

function unknown(ref: ElementRef): Refusal {
  return { code: 'workload-not-found', detail: `there is no ${ref.type} ${ref.id}` };
}
