import type { FamilyPlan } from './families.ts';
import { API_PORT, FAMILIES, type Machine } from './layout.ts';

/** nftables’ name of a family’s tables and of its packets’ headers. */
const headerOf = ({ family }: FamilyPlan) => (family === 4 ? 'ip' : 'ip6');

/** Masquerades what goes out, lets in answers and what is for the API server. */
export function routerRules(control: Machine): string {
  return FAMILIES.map(
    (plan, index) => `
table ${headerOf(plan)} flatland_router {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "wan" tcp dport ${API_PORT} dnat to ${control.addresses[index]}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy drop
    iifname "wan" ct state established,related accept
    iifname "wan" ct status dnat accept
    iifname != "wan" accept
  }
}
`,
  ).join('');
}

/** Pods leave the cluster by their node's address. */
export const NODE_RULES = FAMILIES.map((plan) => {
  const header = headerOf(plan);
  return `
table ${header} flatland_node {
  chain postrouting {
    type nat hook postrouting priority srcnat
    ${header} saddr ${plan.podCidr} ${header} daddr != { ${plan.podCidr}, ${plan.serviceCidr} } oifname "eth0" masquerade
  }
}
`;
}).join('');

/** The table of rules that cuts an API server off. */
const CUT = 'flatland_cut';

/** Drops what comes by a device for the API server, whether to this machine or to one behind it. */
export function cutRules(hook: 'input' | 'forward', device: string): string {
  return `table inet ${CUT} {
  chain ${hook} {
    type filter hook ${hook} priority filter - 1
    iifname ${device} tcp dport ${API_PORT} drop
  }
}
`;
}

/** Takes these rules away, whether they are there or not. */
export const UNCUT_RULES = `table inet ${CUT}\ndelete table inet ${CUT}\n`;

/** The table of rules that closes the router to a family’s datagrams. */
const CLOSED = 'flatland_closed';

/** Drops every UDP datagram of a family that a router would pass on. */
export function closingRules(family: FamilyPlan['family']): string {
  return `table inet ${CLOSED} {
  chain forward {
    type filter hook forward priority filter - 1
    meta nfproto ipv${family} meta l4proto udp drop
  }
}
`;
}

/** Takes these rules away, whether they are there or not. */
export const OPENING_RULES = `table inet ${CLOSED}\ndelete table inet ${CLOSED}\n`;
