import type { World } from './world.ts';

const ALL = ['aws-east', 'gke-west', 'onprem-fra'];

/** The sample lab, programmed. */
export const SAMPLE_WORLD: World = {
  programmed: true,
  clusters: [
    {
      name: 'aws-east',
      nNodes: 2,
      workloads: [
        { namespace: 'shop', name: 'frontend', replicas: 2, domains: ['red'] },
        { namespace: 'shop', name: 'cart', domains: ['red'] },
        { namespace: 'ledger', name: 'ledger-db', kind: 'StatefulSet', domains: ['green'] },
        { namespace: 'istio-red', name: 'istiod', domains: ['red'] },
      ],
    },
    {
      name: 'gke-west',
      nNodes: 2,
      workloads: [
        { namespace: 'shop', name: 'catalog', replicas: 2, domains: ['red'] },
        { namespace: 'ledger', name: 'settlement', domains: ['green'] },
        { namespace: 'finance', name: 'billing', domains: ['red', 'green'] },
        { namespace: 'consul', name: 'consul-server', domains: ['green'] },
      ],
    },
    {
      name: 'onprem-fra',
      nNodes: 2,
      workloads: [
        { namespace: 'shop', name: 'inventory', replicas: 2, domains: ['red'] },
        { namespace: 'analytics', name: 'reporting', domains: ['red'] },
        { namespace: 'legacy', name: 'print-server' },
        { namespace: 'dev', name: 'sandbox-api', domains: ['sandbox'] },
      ],
    },
  ],
  domains: [
    { name: 'red', prefixes: ['10.81.0.0/16', 'fd00:81::/48'], clusters: ALL },
    { name: 'green', prefixes: ['10.82.0.0/16', 'fd00:82::/48'], clusters: ALL },
    { name: 'sandbox', prefixes: ['10.81.0.0/16'], clusters: ['onprem-fra'] },
  ],
};
