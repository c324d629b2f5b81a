import {
  API_SERVICE_ADDRESS,
  DNS_SERVICE_ADDRESS,
  POD_CIDR,
  SERVICE_CIDR,
} from '../clusters/cluster-definition.ts';
import type { ClusterDefinition, NodeDefinition } from '../clusters/cluster-definition.ts';

/** What one network namespace of the fabric gets: lines for `ip -batch`, and a ruleset for `nft -f`. */
export type NamespacePlan = { readonly ip: readonly string[]; readonly nft: string };

export type FabricPlan = {
  /** NAT routers, each a named network namespace of the machine. */
  readonly routers: readonly ({ readonly namespace: string } & NamespacePlan)[];
  /** The machine's own network namespace: the network between the clusters. */
  readonly backbone: NamespacePlan;
  readonly nodes: readonly ({ readonly node: string } & NamespacePlan)[];
};

/** Where a node's namespaces are bound. Absolute, inside the machine. */
export function nodePaths(node: string): { directory: string; net: string; uts: string; run: string } {
  const directory = `/run/nodes/${node}`;
  return {
    directory,
    net: `${directory}/net`,
    uts: `${directory}/uts`,
    run: `${directory}/run`,
  };
}

/**
 * Lays out the underlay: a bridge for each cluster's nodes, in the backbone where they are reachable, in a
 * masquerading router that lets nothing in where they are not. Pod ranges are routed inside a cluster only.
 */
export function planFabric(clusters: readonly ClusterDefinition[]): FabricPlan {
  const routers: ({ namespace: string } & NamespacePlan)[] = [];
  const backbone: string[] = ['link set lo up'];
  const nodes: ({ node: string } & NamespacePlan)[] = [];
  clusters.forEach((cluster, clusterIndex) => {
    const bridge = `lan${clusterIndex}`;
    const lan = [
      `link add ${bridge} type bridge forward_delay 0`,
      `addr add ${cluster.underlay.gateway} dev ${bridge}`,
      `link set ${bridge} up`,
      ...cluster.nodes.flatMap((node, nodeIndex) => {
        const port = `${bridge}p${nodeIndex}`;
        return [
          `link add ${port} type veth peer name eth0 netns ${nodePaths(node.name).net}`,
          `link set ${port} master ${bridge} up`,
        ];
      }),
    ];
    const { nat } = cluster.underlay;
    if (nat === undefined) {
      backbone.push(...lan);
    } else {
      const namespace = `router-${cluster.name}`;
      const uplink = `wan${clusterIndex}`;
      backbone.push(
        `link add ${uplink} type veth peer name wan netns ${namespace}`,
        `addr add ${nat.upstreamGateway} dev ${uplink}`,
        `link set ${uplink} up`,
      );
      routers.push({
        namespace,
        ip: [
          'link set lo up',
          `addr add ${nat.routerAddress} dev wan`,
          'link set wan up',
          `route add default via ${addressOf(nat.upstreamGateway)}`,
          ...lan,
        ],
        nft: NAT_RULES,
      });
    }
    for (const node of cluster.nodes) {
      nodes.push({ node: node.name, ip: nodeLinks(cluster, node), nft: NODE_RULES });
    }
  });
  return { routers, backbone: { ip: backbone, nft: '' }, nodes };
}

const NAT_RULES = `
table ip lab_router {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy drop
    iifname "wan" ct state established,related accept
    iifname != "wan" accept
  }
}
`;

const NODE_RULES = `
table ip lab_node {
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr ${POD_CIDR} ip daddr != { ${POD_CIDR}, ${SERVICE_CIDR} } oifname "eth0" masquerade
  }
}
`;

function nodeLinks(cluster: ClusterDefinition, node: NodeDefinition): string[] {
  const { gateway } = cluster.underlay;
  return [
    'link set lo up',
    `addr add ${API_SERVICE_ADDRESS}/32 dev lo`,
    `addr add ${DNS_SERVICE_ADDRESS}/32 dev lo`,
    `addr add ${node.address}/${gateway.split('/')[1]} dev eth0`,
    'link set eth0 up',
    `route add default via ${addressOf(gateway)}`,
    // The pods' gateway. Each pod gets a route of its own; the rest of the node's range leads nowhere.
    `addr add ${firstAddress(node.podCidr)}/32 dev lo`,
    `route add unreachable ${node.podCidr}`,
    ...cluster.nodes
      .filter((other) => other.name !== node.name)
      .map((other) => `route add ${other.podCidr} via ${other.address}`),
  ];
}

/** The first host address of a /24, where the node's own end of the pod network is. */
export function firstAddress(podCidr: string): string {
  return addressOf(podCidr).replace(/\d+$/, '1');
}

function addressOf(prefix: string): string {
  return prefix.split('/')[0]!;
}
