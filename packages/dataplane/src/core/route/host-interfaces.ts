/** The interfaces of an in-memory host, and which of them leads where. */
import { cidrValue, type Cidr } from '@flatland/shared/address/cidr';
import { ipValue, type IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { IPV6_MIN_MTU_BYTES } from '../path/mtu.ts';
import { familyOf } from '../wire/ip.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';

export interface HostInterface {
  readonly name: string;
  /** At most one of each family. */
  readonly addresses: readonly IpAddress[];
  /** What is reached through it. */
  readonly prefixes: readonly Cidr[];
  readonly mtuBytes: number;
}

/** An interface and the address that packets leave it with. */
export interface HostRoute {
  readonly interface: HostInterface;
  readonly source: IpAddress;
}

export class HostInterfaces {
  #interfaces: readonly HostInterface[] = [];

  set(interfaces: readonly HostInterface[]): void {
    this.#interfaces = interfaces;
  }

  find(name: string): HostInterface | undefined {
    return this.#interfaces.find((one) => one.name === name);
  }

  owns(address: IpAddress): boolean {
    return this.#interfaces.some((one) => one.addresses.includes(address));
  }

  /** MTU of the interface that leads from one address to another. */
  mtuBytes({ source, destination }: IpEnds): number {
    const route = this.routeTo(destination, source);
    return route.ok ? route.value.interface.mtuBytes : IPV6_MIN_MTU_BYTES;
  }

  /** The way to a destination: the interface that `from` belongs to, or the one with the longest prefix. */
  routeTo(destination: IpAddress, from?: IpAddress): Result<HostRoute, string> {
    if (from !== undefined && !this.owns(from)) return err(`${from} is none of the host's addresses`);
    let best: { readonly route: HostRoute; readonly length: number } | undefined;
    for (const one of this.#interfaces) {
      const source = one.addresses.find((address) => familyOf(address) === familyOf(destination));
      if (source === undefined || (from !== undefined && from !== source)) continue;
      const length = longestMatch(one.prefixes, destination);
      if (length === undefined || (best !== undefined && best.length >= length)) continue;
      best = { route: { interface: one, source }, length };
    }
    return best === undefined ? err(`no interface leads to ${destination}`) : ok(best.route);
  }
}

function longestMatch(prefixes: readonly Cidr[], address: IpAddress): number | undefined {
  const { family, bits } = ipValue(address);
  const lengths = prefixes
    .map((prefix) => cidrValue(prefix))
    .filter((prefix) => prefix.family === family && isWithin(prefix, bits))
    .map((prefix) => prefix.length);
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function isWithin({ family, first, length }: ReturnType<typeof cidrValue>, bits: bigint): boolean {
  const hostBits = BigInt((family === 4 ? 32 : 128) - length);
  return first >> hostBits === bits >> hostBits;
}
