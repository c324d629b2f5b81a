import type { ReasonText } from './reason-text.ts';

/** Reasons for what Network Service Mesh cannot say of an intent, or says otherwise; part of `REASONS`. */
export const NSM_REASONS = {
  'nsm-export-only': {
    title: 'For Network Service Mesh',
    text: 'The domain’s target is nsm: Flatland exports it and programs nothing of it',
    next: 'Export it, or set the domain’s target to flatland',
  },
  'nsm-prefix': {
    title: 'Prefix too long for NSM',
    text: 'NSM routes a /16 or a /64 into every client, whatever the prefix is',
    next: 'Use an IPv4 prefix of /16 or an IPv6 prefix of /64, or shorter ones',
  },
  'nsm-mtu': {
    title: 'No MTU in NSM',
    text: 'A client of NSM cannot ask for an MTU',
    next: 'Leave the domain’s MTU out',
  },
  'nsm-mesh': {
    title: 'No meshes in NSM',
    text: 'NSM has no objects that keep a mesh’s registry over a network service',
    next: 'Bind the mesh to a domain that Flatland programs',
  },
  'nsm-selector': {
    title: 'No selectors in NSM',
    text: 'NSM knows annotations of workloads and of whole namespaces, no label selectors',
    next: 'Name the workloads, or take the whole namespace',
  },
  'nsm-bare-pod': {
    title: 'Bare pod',
    text: 'NSM adds interfaces only when a pod is made, and nothing makes this pod anew',
    next: 'Run it in a Deployment, or leave it out',
  },
  'nsm-annotated': {
    title: 'Uses NSM already',
    text: 'The workload asks for another network service, which the export would take away',
    next: 'Leave the workload out, or remove its annotation first',
  },
  'nsm-restarts': {
    title: 'Pods restart',
    text: 'NSM adds interfaces only when a pod is made',
    next: 'Plan for the restart',
  },
  'nsm-names': {
    title: 'Names of pods only',
    text: 'NSM answers one name for each pod',
    next: 'Use the names of pods',
  },
  'nsm-narrowed': {
    title: 'Part of the prefix',
    text: 'NSM reaches a /16 or a /64 of the prefix',
    next: 'Nothing to do, unless more addresses are needed',
  },
  'nsm-slices': {
    title: 'One pool for all clusters',
    text: 'NSM gives endpoints parts of one pool, so that the slices of clusters are not kept',
    next: 'Rely on no cluster’s slice in firewalls',
  },
  'nsm-no-consent': {
    title: 'Anybody may join',
    text: 'NSM has no list of namespaces that a network service admits',
    next: 'Restrict who may set the annotation in the clusters',
  },
} as const satisfies Record<string, ReasonText>;
