import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import { ADDRESS_REST_MS, NO_ADDRESSES, type DomainAddresses } from './address-book.ts';
import { assignAddresses, type AssignInput } from './assign-addresses.ts';

const BLOCK = '10.81.0.0/28' as Cidr;
const BLOCK6 = 'fd00:81::/124' as Cidr;

describe('assigning addresses', () => {
  it('gives the router the first address of the first block, and members those after it', () => {
    const { addresses } = assign(NO_ADDRESSES, { wanted: ['a', 'b'] });
    expect(addresses.routers).toEqual(['10.81.0.0']);
    expect(addresses.members).toEqual({ a: ['10.81.0.1'], b: ['10.81.0.2'] });
  });

  it('gives one address of each family', () => {
    const { addresses } = assign(NO_ADDRESSES, {
      wanted: ['a'],
      families: [4, 6],
      blocks: [BLOCK6, BLOCK],
    });
    expect(addresses.routers).toEqual(['10.81.0.0', 'fd00:81::']);
    expect(addresses.members).toEqual({ a: ['10.81.0.1', 'fd00:81::1'] });
  });

  it('changes nothing when asked the same again', () => {
    const first = assign(NO_ADDRESSES, { wanted: ['a', 'b'] });
    expect(assign(first.addresses, { wanted: ['b', 'a'] })).toEqual(first);
  });

  it('gives a pod that comes back the address that it had', () => {
    const joined = assign(NO_ADDRESSES, { wanted: ['a', 'b'] }).addresses;
    const left = assign(joined, { wanted: ['b'], livePods: ['a', 'b'], nowMs: 1 }).addresses;
    const others = assign(left, {
      wanted: ['b', 'c', 'd'],
      livePods: ['a', 'b', 'c', 'd'],
      nowMs: 2,
    }).addresses;
    const back = assign(others, { wanted: ['a', 'b', 'c', 'd'], nowMs: ADDRESS_REST_MS * 3 }).addresses;
    expect(back.members['a']).toEqual(['10.81.0.1']);
  });

  it('lets a released address rest, and asks for a block meanwhile', () => {
    const names = Array.from({ length: 15 }, (_, i) => `pod-${i}`);
    const full = assign(NO_ADDRESSES, { wanted: names }).addresses;
    const wanted = [...names.slice(1), 'new'];
    const early = assign(full, { wanted, livePods: wanted, nowMs: 1000 });
    expect(early).toMatchObject({ without: ['new'], blocksNeeded: [4] });
    const tooEarly = assign(early.addresses, { wanted, livePods: wanted, nowMs: 999 + ADDRESS_REST_MS });
    expect(tooEarly.without).toEqual(['new']);
    const rested = assign(early.addresses, { wanted, livePods: wanted, nowMs: 1000 + ADDRESS_REST_MS });
    expect(rested).toMatchObject({ without: [], blocksNeeded: [] });
    expect(rested.addresses.members['new']).toEqual(full.members['pod-0']);
  });

  it('reuses what was released least recently first', () => {
    const names = Array.from({ length: 15 }, (_, i) => `pod-${String(i).padStart(2, '0')}`);
    let book = assign(NO_ADDRESSES, { wanted: names }).addresses;
    book = assign(book, { wanted: names.filter((_, i) => i !== 7), livePods: [], nowMs: 10 }).addresses;
    book = assign(book, {
      wanted: names.filter((_, i) => i !== 7 && i !== 2),
      livePods: [],
      nowMs: 20,
    }).addresses;
    const next = [...names.filter((_, i) => i !== 7 && i !== 2), 'x-first', 'x-second'];
    const again = assign(book, { wanted: next, livePods: [], nowMs: ADDRESS_REST_MS * 2 }).addresses;
    expect(again.members['x-first']).toEqual(['10.81.0.8']);
    expect(again.members['x-second']).toEqual(['10.81.0.3']);
  });

  it('takes the address of a pod that left and still runs only where no block is left', () => {
    const names = Array.from({ length: 15 }, (_, i) => `pod-${i}`);
    const full = assign(NO_ADDRESSES, { wanted: names }).addresses;
    const wanted = [...names.slice(1), 'new'];
    const later = { wanted, livePods: [...names, 'new'], nowMs: ADDRESS_REST_MS * 2 };
    const left = assign(full, { ...later, wanted: names.slice(1), nowMs: 0 }).addresses;
    expect(assign(left, later).without).toEqual(['new']);
    expect(assign(left, { ...later, claimable: [] }).without).toEqual([]);
  });

  it('says who is without an address where the slice is used up', () => {
    const names = Array.from({ length: 17 }, (_, i) => `pod-${String(i).padStart(2, '0')}`);
    expect(assign(NO_ADDRESSES, { wanted: names, claimable: [] })).toMatchObject({
      without: ['pod-15', 'pod-16'],
      blocksNeeded: [],
    });
  });

  it('never has two owners of one address, nor reuses one early, over a million operations', () => {
    let nOperations = 0;
    const step = fc.record({
      join: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      leave: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      end: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }),
      passMs: fc.constantFrom(0, 1, 1000, 60_000, ADDRESS_REST_MS, ADDRESS_REST_MS + 1),
      restart: fc.boolean(),
      addBlock: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 200, size: 'max' }), (steps) => {
        const world = new World();
        for (const { join, leave, end, passMs, restart, addBlock } of steps) {
          nOperations += join.length + leave.length + end.length + 3;
          world.pass(passMs);
          for (const pod of join) world.join(pod);
          for (const pod of leave) world.leave(pod);
          for (const pod of end) world.end(pod);
          world.settle(addBlock);
          if (restart) world.restart();
        }
      }),
      { numRuns: 360 },
    );
    expect(nOperations).toBeGreaterThan(1_000_000);
  }, 60_000);
});

/** Remembers who had which address when, by its own bookkeeping. */
class World {
  #book: DomainAddresses = NO_ADDRESSES;
  #blocks: Cidr[] = [BLOCK];
  #nowMs = 0;
  readonly #generation = new Map<number, number>();
  readonly #wanted = new Set<string>();
  readonly #live = new Set<string>();
  readonly #lastOwner = new Map<IpAddress, { pod: string; untilMs: number }>();

  #uid(pod: number): string {
    return `pod-${pod}-${this.#generation.get(pod) ?? 0}`;
  }

  join(pod: number): void {
    this.#live.add(this.#uid(pod));
    this.#wanted.add(this.#uid(pod));
  }

  leave(pod: number): void {
    this.#wanted.delete(this.#uid(pod));
  }

  end(pod: number): void {
    this.#wanted.delete(this.#uid(pod));
    this.#live.delete(this.#uid(pod));
    this.#generation.set(pod, (this.#generation.get(pod) ?? 0) + 1);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  restart(): void {
    this.#book = JSON.parse(JSON.stringify(this.#book)) as DomainAddresses;
  }

  settle(addBlock: boolean): void {
    const before = this.#book;
    const { addresses, blocksNeeded, without } = assignAddresses(before, {
      families: [4],
      blocks: this.#blocks,
      wanted: [...this.#wanted],
      livePods: this.#live,
      claimable: new Set(this.#blocks.length < 4 ? [4] : []),
      nowMs: this.#nowMs,
    });
    this.#book = addresses;
    if (addBlock && blocksNeeded.length > 0 && this.#blocks.length < 4)
      this.#blocks.push(`10.81.0.${this.#blocks.length * 16}/28` as Cidr);
    this.#check(before, without);
  }

  #check(before: DomainAddresses, without: readonly string[]): void {
    const owners = new Map<IpAddress, string>(this.#book.routers.map((router) => [router, 'router']));
    const own = (address: IpAddress, owner: string) => {
      if (owners.has(address)) throw new Error(`${address}: ${owners.get(address)} and ${owner}`);
      owners.set(address, owner);
    };
    for (const [pod, addresses] of Object.entries(this.#book.members)) {
      if (!this.#wanted.has(pod)) throw new Error(`${pod} is not wanted`);
      for (const address of addresses) {
        own(address, pod);
        const last = this.#lastOwner.get(address);
        if (last !== undefined && last.pod !== pod && this.#nowMs - last.untilMs < ADDRESS_REST_MS)
          throw new Error(`${address} went from ${last.pod} to ${pod} early`);
        this.#lastOwner.set(address, { pod, untilMs: this.#nowMs });
      }
      const had = before.members[pod];
      if (had !== undefined && had[0] !== addresses[0]) throw new Error(`${pod} lost ${had[0]}`);
    }
    for (const entry of this.#book.resting) own(entry.address, `resting ${entry.podUid}`);
    for (const pod of this.#wanted)
      if (this.#book.members[pod] === undefined && !without.includes(pod))
        throw new Error(`${pod} forgotten`);
  }
}

function assign(
  before: DomainAddresses,
  input: {
    wanted: string[];
    families?: IpFamily[];
    blocks?: Cidr[];
    livePods?: string[];
    claimable?: IpFamily[];
    nowMs?: number;
  },
) {
  const full: AssignInput = {
    families: input.families ?? [4],
    blocks: input.blocks ?? [BLOCK],
    wanted: input.wanted,
    livePods: new Set(input.livePods ?? input.wanted),
    claimable: new Set(input.claimable ?? [4, 6]),
    nowMs: input.nowMs ?? 0,
  };
  return assignAddresses(before, full);
}
