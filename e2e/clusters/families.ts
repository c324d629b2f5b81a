/** What `FLATLAND_CLUSTERS_FAMILY` may say, and the families that Kubernetes and the nodes have then, their own first. */
const CHOICES = { ipv4: [4], dual: [4, 6], ipv6: [6] } as const;

/** Address families of the clusters. */
export type FamilyChoice = keyof typeof CHOICES;

/** Where the clusters' networks are in one address family. */
export interface FamilyPlan {
  readonly family: 4 | 6;
  /** The address of a host, by its number, on the network between the clusters. */
  readonly underlay: (host: number) => string;
  /** The address of a host on the network behind the router. */
  readonly lan: (host: number) => string;
  /** Of both these networks. */
  readonly prefixLength: number;
  /** Equal in both clusters, on purpose: domains exist because pod networks clash. */
  readonly podCidr: string;
  /** The part of a node, by its number. */
  readonly nodePodCidr: (node: number) => string;
  readonly serviceCidr: string;
  /** ClusterIP of the `kubernetes` Service: the first address of the service range. */
  readonly apiServiceAddress: string;
  /** Where a cluster's DNS would answer; nothing does. */
  readonly dnsServiceAddress: string;
}

/** The family that is asked for, from what an environment says. Throws on what is none. */
export function readFamilyChoice(environment: Readonly<Record<string, string | undefined>>): FamilyChoice {
  const text = environment['FLATLAND_CLUSTERS_FAMILY'] || 'ipv4';
  const known = (Object.keys(CHOICES) as FamilyChoice[]).find((choice) => choice === text);
  if (known === undefined)
    throw new Error(`FLATLAND_CLUSTERS_FAMILY is ${Object.keys(CHOICES).join(', ')}, not ${text}`);
  return known;
}

/**
 * The plans of a choice of families, their own first, of a set of clusters. IPv6 addresses are unique local ones
 * (RFC 4193), of the same digits as those of IPv4.
 */
export function familyPlans(choice: FamilyChoice, set: number): readonly FamilyPlan[] {
  const network = 77 + set;
  const plans: Readonly<Record<4 | 6, FamilyPlan>> = {
    4: {
      family: 4,
      underlay: (host) => `172.30.${network}.${host}`,
      lan: (host) => `192.168.${network}.${host}`,
      prefixLength: 24,
      podCidr: '10.244.0.0/16',
      nodePodCidr: (node) => `10.244.${node}.0/24`,
      serviceCidr: '10.96.0.0/12',
      apiServiceAddress: '10.96.0.1',
      dnsServiceAddress: '10.96.0.10',
    },
    6: {
      family: 6,
      underlay: (host) => `fd00:172:30:${network}::${host}`,
      lan: (host) => `fd00:192:168:${network}::${host}`,
      prefixLength: 64,
      podCidr: 'fd00:10:244::/56',
      nodePodCidr: (node) => `fd00:10:244:${node}::/64`,
      serviceCidr: 'fd00:10:96::/112',
      apiServiceAddress: 'fd00:10:96::1',
      dnsServiceAddress: 'fd00:10:96::10',
    },
  };
  return CHOICES[choice].map((family) => plans[family]);
}

/** True for an IPv6 address or network. */
export function isIpv6(addressOrCidr: string): boolean {
  return addressOrCidr.includes(':');
}

/** An address as the host of a URL (RFC 3986, section 3.2.2). */
export function inUrl(address: string): string {
  return isIpv6(address) ? `[${address}]` : address;
}
