import type { ClusterDefinition, NodeDefinition } from './cluster-definition.ts';

/**
 * The clusters of a first start. aws-east and gke-west have addresses that everybody reaches; onprem-fra's nodes
 * are behind a router that masquerades and lets nothing in. Addresses are the documentation prefixes of RFC 5737.
 */
export const LAB_CLUSTERS: readonly ClusterDefinition[] = [
  {
    name: 'aws-east',
    nodes: nodesOf('aws-east', '203.0.113'),
    underlay: { gateway: '203.0.113.1/24' },
  },
  {
    name: 'gke-west',
    nodes: nodesOf('gke-west', '198.51.100'),
    underlay: { gateway: '198.51.100.1/24' },
  },
  {
    name: 'onprem-fra',
    nodes: nodesOf('onprem-fra', '192.168.178'),
    underlay: {
      gateway: '192.168.178.1/24',
      nat: { routerAddress: '192.0.2.7/24', upstreamGateway: '192.0.2.1/24' },
    },
  },
];

function nodesOf(cluster: string, network: string): NodeDefinition[] {
  return [1, 2].map((ordinal) => ({
    name: `${cluster}-${ordinal}`,
    address: `${network}.${10 + ordinal}`,
    podCidr: `10.244.${ordinal}.0/24`,
  }));
}
