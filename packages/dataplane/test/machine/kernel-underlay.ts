import { execFileSync } from 'node:child_process';
import type { NatKind } from '../compliance/agents-world-port.ts';
import type { KernelNode } from './kernel-node.ts';

const FIRST_NAT = 100;
/** Of nodes that moved. */
const FIRST_MOVED = 150;
const MAX_GSO_SEGMENTS = 65_535;
const GATEWAY = '10.0.0.254';

/** A NAT's gateway: a namespace between a bridge of its own and the underlay. */
interface Gateway {
  readonly namespace: string;
  readonly bridge: string;
  /** Its interfaces' other ends. */
  readonly ports: readonly [inner: string, outer: string];
  /** Its address in the underlay. */
  readonly address: string;
}

/** Where a node is. */
interface Place {
  readonly address: string;
  readonly gateway: Gateway | undefined;
}

/**
 * The network between a machine's nodes: a bridge, and for each NAT another one behind a gateway.
 *
 *     node 192.0.2.1 ─┐
 *     node 192.0.2.2 ─┴─ underlay ── 192.0.2.101 nat1 10.0.0.254 ── inner1 ── node 10.0.0.3
 */
export class KernelUnderlay {
  readonly #places = new Map<KernelNode, Place>();
  readonly #gateways: Gateway[] = [];

  constructor() {
    addBridge('underlay');
    // Sets of pairs between which nothing passes.
    nft(undefined, [
      'add table bridge partition',
      'add set bridge partition apart { type ether_addr . ether_addr; }',
      'add chain bridge partition through { type filter hook forward priority 0; }',
      'add rule bridge partition through ether saddr . ether daddr @apart drop',
      'add chain bridge partition narrow { type filter hook forward priority 1; }',
    ]);
  }

  /** Gives a node's process its interface; it has no address and is in no bridge yet. */
  connect(node: KernelNode): void {
    const end = ['peer', 'name', 'eth0', 'netns', String(node.pid())];
    ip('link', 'add', portOf(node), 'address', macOf(node, 'a'), 'type', 'veth', ...end);
  }

  /** A NAT for nodes to be behind. */
  addNat(kind: NatKind): number {
    const n = this.#gateways.length + 1;
    const gateway: Gateway = {
      namespace: `nat${n}`,
      bridge: `inner${n}`,
      ports: [`gi${n}`, `go${n}`],
      address: `192.0.2.${FIRST_NAT + n}`,
    };
    this.#gateways.push(gateway);
    addBridge(gateway.bridge);
    ip('netns', 'add', gateway.namespace);
    for (const [name, port, master, address] of [
      ['in', gateway.ports[0], gateway.bridge, GATEWAY],
      ['out', gateway.ports[1], 'underlay', gateway.address],
    ] as const) {
      ip('link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', gateway.namespace);
      ip('link', 'set', port, 'master', master, 'up');
      ip('-n', gateway.namespace, 'addr', 'add', `${address}/24`, 'dev', name);
      ip('-n', gateway.namespace, 'link', 'set', name, 'up');
    }
    const forward = ['sysctl', '-qw', 'net.ipv4.ip_forward=1'];
    execFileSync('ip', ['netns', 'exec', gateway.namespace, ...forward]);
    nft(gateway.namespace, [
      'add table ip nat',
      'add set ip nat apart { type ipv4_addr . ipv4_addr; }',
      'add chain ip nat through { type filter hook forward priority 0; }',
      'add rule ip nat through ip saddr . ip daddr @apart drop',
      'add chain ip nat leave { type nat hook postrouting priority 100; }',
      `add rule ip nat leave oifname out masquerade ${kind === 'symmetric' ? 'fully-random' : ''}`,
    ]);
    return n;
  }

  /** Puts a node into the underlay, or behind a NAT. Gives its address. */
  async plugIn(node: KernelNode, nat: number | undefined): Promise<string> {
    const gateway = nat === undefined ? undefined : this.#gateways[nat - 1];
    const address = `${gateway === undefined ? '192.0.2' : '10.0.0'}.${node.slot}`;
    const via = gateway === undefined ? '192.0.2.254' : GATEWAY;
    this.#places.set(node, { address, gateway });
    ip('link', 'set', portOf(node), 'master', gateway?.bridge ?? 'underlay', 'up');
    for (const command of [
      ['link', 'set', 'lo', 'up'],
      ['link', 'set', 'eth0', 'address', macOf(node, 'b')],
      ['addr', 'flush', 'dev', 'eth0'],
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'gso_max_segs', String(MAX_GSO_SEGMENTS)],
      ['link', 'set', 'eth0', 'up'],
      ['route', 'replace', 'default', 'via', via],
      ['neigh', 'flush', 'all'],
    ])
      await node.call('run', undefined, ['ip', ...command]);
    return address;
  }

  /** Lets nothing pass between two nodes, or everything again, whatever was before. */
  setPartition(a: KernelNode, b: KernelNode, isDown: boolean): void {
    const [from, to] = [this.#places.get(a), this.#places.get(b)];
    if (from === undefined || to === undefined) throw new Error('a node is not plugged in');
    if (from.gateway === to.gateway) {
      const [one, other] = [macOf(a, 'b'), macOf(b, 'b')];
      const elements = `element bridge partition apart { ${one} . ${other}, ${other} . ${one} }`;
      nft(undefined, inOrOut(elements, isDown));
    }
    for (const [near, far] of [
      [from, to],
      [to, from],
    ] as const) {
      if (near.gateway === undefined || near.gateway === far.gateway) continue;
      const outer = far.gateway?.address ?? far.address;
      const pairs = `${near.address} . ${outer}, ${outer} . ${near.address}`;
      nft(near.gateway.namespace, inOrOut(`element ip nat apart { ${pairs} }`, isDown));
    }
  }

  /** Lets nothing pass from one node to another beside it, or everything again. */
  cutOneWay(from: KernelNode, to: KernelNode, isDown: boolean): void {
    const elements = `element bridge partition apart { ${macOf(from, 'b')} . ${macOf(to, 'b')} }`;
    nft(undefined, inOrOut(elements, isDown));
  }

  /** Swallows transport messages of WireGuard between two nodes beside each other; handshakes pass. */
  swallowData(a: KernelNode, b: KernelNode): void {
    swallow(a, b, 'ip protocol udp @th,64,8 4');
  }

  /** Lets longer packets and data pass again. */
  widen(): void {
    nft(undefined, ['flush chain bridge partition narrow']);
  }

  /** Gives a node outside of NATs another address. */
  async move(node: KernelNode): Promise<void> {
    const place = this.#places.get(node);
    if (place === undefined) throw new Error('the node is not plugged in');
    const address = `192.0.2.${FIRST_MOVED + node.slot}`;
    for (const command of [
      ['addr', 'del', `${place.address}/24`, 'dev', 'eth0'],
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['route', 'replace', 'default', 'via', '192.0.2.254'],
    ])
      await node.call('run', undefined, ['ip', ...command]);
    this.#places.set(node, { ...place, address });
  }

  /**
   * Swallows longer packets between two nodes beside each other. Their datagrams go one by one then, as on a wire: a
   * bridge would take many that were handed over as one for a long one.
   */
  async setNarrow(a: KernelNode, b: KernelNode, mtuBytes: number): Promise<void> {
    for (const node of [a, b]) await setGsoSegments(node, 1);
    swallow(a, b, `meta length > ${mtuBytes}`);
  }

  /** Takes NATs, partitions and narrow ways away. */
  clear(): void {
    nft(undefined, ['flush set bridge partition apart', 'flush chain bridge partition narrow']);
    for (const node of this.#places.keys()) ip('link', 'set', portOf(node), 'nomaster');
    this.#places.clear();
    for (const { namespace, bridge, ports } of this.#gateways.splice(0)) {
      // With their namespace they would go some time later, and the next NAT has the same names.
      for (const port of ports) ip('link', 'del', port);
      ip('netns', 'del', namespace);
      ip('link', 'del', bridge);
    }
  }

  close(): void {
    this.clear();
    nft(undefined, ['delete table bridge partition']);
    ip('link', 'del', 'underlay');
  }
}

/** Drops what matches between two nodes beside each other, in both directions. */
function swallow(a: KernelNode, b: KernelNode, match: string): void {
  const [one, other] = [macOf(a, 'b'), macOf(b, 'b')];
  const between = (from: string, to: string) =>
    `add rule bridge partition narrow ether saddr ${from} ether daddr ${to} ${match} drop`;
  nft(undefined, [between(one, other), between(other, one)]);
}

async function setGsoSegments(node: KernelNode, segments: number): Promise<void> {
  await node.call('run', undefined, ['ip', 'link', 'set', 'eth0', 'gso_max_segs', String(segments)]);
}

function addBridge(name: string): void {
  ip('link', 'add', name, 'type', 'bridge');
  ip('link', 'set', name, 'up');
}

function portOf({ slot }: KernelNode): string {
  return `n${slot}`;
}

/** The address of a node's interface, or of its other end. */
function macOf({ slot }: KernelNode, end: 'a' | 'b'): string {
  return `02:00:00:00:0${end}:${slot.toString(16).padStart(2, '0')}`;
}

/** Puts elements into a set or takes them out of it, whether they are there or not: nft deletes none that is not. */
function inOrOut(elements: string, isIn: boolean): string[] {
  return [`add ${elements}`, ...(isIn ? [] : [`delete ${elements}`])];
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

function nft(namespace: string | undefined, commands: readonly string[]): void {
  const inside = namespace === undefined ? [] : ['netns', 'exec', namespace, 'nft'];
  const args = [...inside, '-f', '-'];
  execFileSync(namespace === undefined ? 'nft' : 'ip', args, { input: `${commands.join('\n')}\n` });
}
