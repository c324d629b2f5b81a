import { createHash } from 'node:crypto';
import type { DomainName } from '@flatland/shared/model/names';
import { wireguardDeviceName } from '../../ports/interface-names.ts';
import { ECHO_PORT } from '../../ports/namespace-sockets.ts';

/** Name of the table in a domain's namespace. */
export const ROUTER_TABLE = 'flatland';
/** What the WireGuard device tells members itself, from the router's address. Peers cannot: that is no allowed IP. */
const OWN_ERRORS = 'destination-unreachable, time-exceeded';
/** How long a conversation is remembered. */
export const FLOW_TIMEOUT_SECONDS = 3600;

/**
 * The nftables ruleset of a domain's router, as `nft -f` reads it; replaces what is there. Carries a
 * counter whose name is the ruleset's hash, by which it is known again. Every packet of the domain passes it, so what
 * few packets need is asked last.
 */
export function routerRuleset(domain: DomainName): { readonly text: string; readonly marker: string } {
  const body = rulesetBody(domain);
  const marker = `ruleset-${createHash('sha256').update(body).digest('hex').slice(0, 12)}`;
  return {
    marker,
    text: [
      `table inet ${ROUTER_TABLE} {}`,
      `delete table inet ${ROUTER_TABLE}`,
      `table inet ${ROUTER_TABLE} {`,
      `  counter ${marker} {}`,
      body,
      '}',
      '',
    ].join('\n'),
  };
}

function rulesetBody(domain: DomainName): string {
  const device = wireguardDeviceName(domain);
  const flows = (family: 4 | 6) =>
    `  set flows${family} { type ipv${family}_addr . ipv${family}_addr; size 65535; flags dynamic,timeout; counter; timeout ${FLOW_TIMEOUT_SECONDS}s; }`;
  return `${flows(4)}
${flows(6)}
  counter source-not-allowed {}
  counter no-route {}
  counter port-closed {}
  chain strange-source {
    iif lo accept
    iifname "${device}" icmp type { ${OWN_ERRORS} } fib saddr type local accept
    iifname "${device}" icmpv6 type { ${OWN_ERRORS}, packet-too-big } fib saddr type local accept
    counter name source-not-allowed drop
  }
  chain arriving {
    type filter hook prerouting priority raw; policy accept;
    notrack
    fib saddr . iif oif missing jump strange-source
    fib daddr oif missing fib daddr type != local iif != lo counter name no-route
  }
  chain leaving {
    type filter hook output priority raw; policy accept;
    notrack
  }
  chain router {
    type filter hook input priority filter; policy drop;
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    udp dport { 53, ${ECHO_PORT} } accept
    udp sport ${ECHO_PORT} accept
    tcp dport 53 accept
    counter name port-closed
  }
  chain transit {
    type filter hook forward priority filter; policy accept;
    tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
    iifname "${device}" accept
    update @flows4 { ip saddr . ip daddr }
    update @flows6 { ip6 saddr . ip6 daddr }
  }`;
}
