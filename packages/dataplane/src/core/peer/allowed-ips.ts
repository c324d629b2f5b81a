/**
 * Cryptokey routing (paper, section 2): prefixes of all peers of a device in one table per family, a trie of bits
 * with compressed paths. The longest prefix decides, in both directions.
 */
import type { IpFamily } from '@flatland/shared/address/ip';

/** A prefix as bytes without host bits. */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly length: number;
}

interface TrieNode<Owner> {
  readonly bytes: Uint8Array;
  readonly length: number;
  owner: Owner | undefined;
  zero: TrieNode<Owner> | undefined;
  one: TrieNode<Owner> | undefined;
}

/** Which owner a prefix belongs to. A prefix has one owner: setting it again moves it. */
export class AllowedIps<Owner> {
  readonly #roots: Record<IpFamily, TrieNode<Owner>> = { 4: emptyNode(4), 6: emptyNode(16) };
  readonly #prefixes = new Map<Owner, Map<string, Prefix>>();

  /** The owner of the longest prefix that holds the address at `offset` of a packet. Allocates nothing. */
  lookup(packet: Uint8Array, offset: number, family: IpFamily): Owner | undefined {
    let node: TrieNode<Owner> | undefined = this.#roots[family];
    const totalBits = family === 4 ? 32 : 128;
    let found: Owner | undefined;
    while (node !== undefined && commonBits(node.bytes, packet, offset, node.length) >= node.length) {
      if (node.owner !== undefined) found = node.owner;
      if (node.length === totalBits) break;
      node = bitAt(packet, offset, node.length) === 0 ? node.zero : node.one;
    }
    return found;
  }

  /** Gives a prefix to an owner, taking it from whoever had it. */
  insert(prefix: Prefix, owner: Owner): void {
    const node = this.#nodeFor(prefix);
    if (node.owner !== undefined) this.#forget(node.owner, prefix);
    node.owner = owner;
    const mine = this.#prefixes.get(owner) ?? new Map<string, Prefix>();
    mine.set(prefixKey(prefix), prefix);
    this.#prefixes.set(owner, mine);
  }

  /** Takes a prefix from an owner; false, and nothing happens, where another has it. */
  remove(prefix: Prefix, owner: Owner): boolean {
    if (this.#prefixes.get(owner)?.has(prefixKey(prefix)) !== true) return false;
    this.#forget(owner, prefix);
    this.#unlink(prefix);
    return true;
  }

  /** Takes all prefixes from an owner; which they were. */
  removeOwner(owner: Owner): Prefix[] {
    const prefixes = [...(this.#prefixes.get(owner)?.values() ?? [])];
    for (const prefix of prefixes) this.#unlink(prefix);
    this.#prefixes.delete(owner);
    return prefixes;
  }

  /** Takes all prefixes but some from an owner; which they were. */
  removeOthers(owner: Owner, kept: readonly Prefix[]): Prefix[] {
    const keys = new Set(kept.map(prefixKey));
    const others = [...(this.#prefixes.get(owner) ?? [])].filter(([key]) => !keys.has(key));
    return others.map(([, prefix]) => prefix).filter((prefix) => this.remove(prefix, owner));
  }

  /** The prefixes of an owner: IPv4 before IPv6, then by bytes and length. */
  prefixesOf(owner: Owner): Prefix[] {
    return [...(this.#prefixes.get(owner)?.values() ?? [])].sort(comparePrefixes);
  }

  #forget(owner: Owner, prefix: Prefix): void {
    const mine = this.#prefixes.get(owner);
    mine?.delete(prefixKey(prefix));
    if (mine?.size === 0) this.#prefixes.delete(owner);
  }

  #nodeFor({ bytes, length }: Prefix): TrieNode<Owner> {
    let node = this.#roots[bytes.length === 4 ? 4 : 6];
    while (node.length < length) {
      const side = bitAt(bytes, 0, node.length) === 0 ? 'zero' : 'one';
      const child = node[side];
      if (child === undefined) return (node[side] = leaf(bytes, length));
      const common = commonBits(child.bytes, bytes, 0, Math.min(child.length, length));
      if (common < child.length) {
        const branch = leaf<Owner>(bytes, common);
        branch[bitAt(child.bytes, 0, common) === 0 ? 'zero' : 'one'] = child;
        node[side] = branch;
        node = branch;
      } else node = child;
    }
    return node;
  }

  #unlink({ bytes, length }: Prefix): void {
    const path: TrieNode<Owner>[] = [];
    let node: TrieNode<Owner> | undefined = this.#roots[bytes.length === 4 ? 4 : 6];
    while (node !== undefined && node.length < length) {
      path.push(node);
      node = bitAt(bytes, 0, node.length) === 0 ? node.zero : node.one;
    }
    if (node === undefined) return;
    node.owner = undefined;
    path.push(node);
    collapse(path);
  }
}

/** IPv4 before IPv6, then by address, then by length. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.bytes.length !== b.bytes.length) return a.bytes.length - b.bytes.length;
  for (let i = 0; i < a.bytes.length; i++) if (a.bytes[i] !== b.bytes[i]) return a.bytes[i]! - b.bytes[i]!;
  return a.length - b.length;
}

/** Drops nodes without owner that no longer branch, from the leaf up; roots stay. */
function collapse<Owner>(path: TrieNode<Owner>[]): void {
  for (let i = path.length - 1; i > 0; i--) {
    const node = path[i]!;
    if (node.owner !== undefined || (node.zero !== undefined && node.one !== undefined)) return;
    const parent = path[i - 1]!;
    parent[parent.zero === node ? 'zero' : 'one'] = node.zero ?? node.one;
  }
}

function prefixKey({ bytes, length }: Prefix): string {
  return `${bytes.toHex()}/${length}`;
}

function emptyNode<Owner>(nBytes: number): TrieNode<Owner> {
  return leaf(new Uint8Array(nBytes), 0);
}

function leaf<Owner>(bytes: Uint8Array, length: number): TrieNode<Owner> {
  return { bytes, length, owner: undefined, zero: undefined, one: undefined };
}

function bitAt(bytes: Uint8Array, offset: number, bit: number): number {
  return (bytes[offset + (bit >> 3)]! >> (7 - (bit & 7))) & 1;
}

/** How many leading bits agree, looking at no more than `limit`. */
function commonBits(bytes: Uint8Array, other: Uint8Array, offset: number, limit: number): number {
  let bits = 0;
  for (let i = 0; bits < limit; i++) {
    const difference = bytes[i]! ^ other[offset + i]!;
    if (difference === 0) bits += 8;
    else return Math.min(limit, bits + Math.clz32(difference) - 24);
  }
  return limit;
}
