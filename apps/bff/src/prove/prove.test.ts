import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { ProbeResult } from '@flatland/shared/report/report';
import type { InstanceView, Topology, WorkloadView } from '@flatland/shared/topology/topology';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { World } from '../state/world.ts';
import { expectedProofs, MAX_PROOFS } from './expected-proofs.ts';
import { isProgrammed } from './is-programmed.ts';
import { patrolRound } from './patrol.ts';
import { agrees } from './prober.ts';
import { targetAddress } from './target-address.ts';

describe('agreement of verdict and packet', () => {
  const echoed = { echoed: true } as ProbeResult;
  const lost = { echoed: false, reason: 'probe-timeout' } as ProbeResult;
  const impossible = { echoed: false, reason: 'probe-impossible' } as ProbeResult;
  test.each([
    ['yes', echoed, true],
    ['yes', lost, false],
    ['no', lost, true],
    ['no', echoed, false],
    ['unknown', echoed, true],
    ['unknown', lost, true],
    ['yes', impossible, true],
  ] as const)('%s and %o: %s', (answer, result, expected) => {
    expect(agrees({ answer }, result)).toBe(expected);
  });
});

describe('the address that a probe is sent to', () => {
  const red = { domain: 'red', addresses: ['10.81.0.5'], dnsNames: [] };
  const green = { domain: 'green', addresses: ['10.82.0.5'], dnsNames: [] };
  const sandbox = { domain: 'sandbox', addresses: ['10.81.0.9'], dnsNames: [] };
  const topology = {
    domains: {
      red: { prefixes: ['10.81.0.0/16'] },
      green: { prefixes: ['10.82.0.0/16'] },
      sandbox: { prefixes: ['10.81.0.0/16'] },
    },
  } as unknown as Topology;
  const at = (members: object[]) => ({ members }) as unknown as InstanceView;
  const known = (shared: string[], last: string[] = []) => ({ shared, last }) as never;

  test('is that of the shared domain', () => {
    const ends = { from: at([red, green]), to: at([sandbox, green]) };
    expect(targetAddress(topology, ends, known(['green']))).toEqual({
      address: '10.82.0.5',
      domain: 'green',
      ambiguous: false,
    });
  });

  test('is one that the target has elsewhere, where no domain is shared', () => {
    const target = targetAddress(topology, { from: at([red]), to: at([green]) }, known([]));
    expect(target).toEqual({ address: '10.82.0.5', domain: 'green', ambiguous: false });
  });

  test('asks for the echo’s sender where another member may have the same address', () => {
    const target = targetAddress(topology, { from: at([red]), to: at([sandbox]) }, known([]));
    expect(target).toMatchObject({ address: '10.81.0.9', ambiguous: true });
  });

  test('is the last that the target had, once it has left', () => {
    expect(targetAddress(topology, { from: at([]), to: at([]) }, known([], ['10.81.0.5']))).toEqual({
      address: '10.81.0.5',
      ambiguous: false,
    });
    expect(targetAddress(topology, { from: at([]), to: at([]) }, known([]))).toBeUndefined();
  });
});

describe('the proofs of a plan', () => {
  const world = {
    reachability: { verdict: () => ({ domains: ['red'] }) },
    topology: {
      workloads: { b: { instances: [{ members: [{ domain: 'red', addresses: ['10.81.0.5'] }] }] } },
    },
  } as unknown as World;
  const plan = (gained: object[], lost: object[]) =>
    ({ effect: { gained, lost, restarts: [] } }) as unknown as Plan;

  test('are packets that pass for what is gained, and do not for what is lost', () => {
    const { proofs } = expectedProofs(plan([{ from: 'a', to: 'c' }], [{ from: 'a', to: 'b' }]), world);
    expect(proofs).toEqual([
      { pair: { from: 'a', to: 'c' }, expected: true, state: 'pending', lastAddresses: [] },
      { pair: { from: 'a', to: 'b' }, expected: false, state: 'pending', lastAddresses: ['10.81.0.5'] },
    ]);
  });

  test('are a bounded part of a large effect, each pair at most once, and the rest is counted', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (nGained, nLost) => {
        const pairs = (n: number, to: string) => Array.from({ length: n }, (_, k) => ({ from: `w${k}`, to }));
        const { proofs, nNotProbed } = expectedProofs(plan(pairs(nGained, 'c'), pairs(nLost, 'b')), world);
        expect(proofs.length).toBe(Math.min(MAX_PROOFS, nGained + nLost));
        expect(proofs.length + nNotProbed).toBe(nGained + nLost);
        expect(new Set(proofs.map(({ pair }) => `${pair.from} ${pair.to}`)).size).toBe(proofs.length);
      }),
    );
  });
});

describe('a Membership is programmed', () => {
  const member = (domain: string) => ({ domain, addresses: [], dnsNames: [] });
  const instance = (more: object) => ({ phase: 'Running', members: [], refused: [], ...more });
  const counts = [{ domain: 'red', counts: true }];

  test.each([
    ['when every running instance is a member', counts, [instance({ members: [member('red')] })], true],
    ['not while one is missing', counts, [instance({ members: [member('red')] }), instance({})], false],
    ['when the missing one is refused with a reason', counts, [instance({ refused: [member('red')] })], true],
    ['without waiting for pods that do not run', counts, [instance({ phase: 'Pending' })], true],
    ['when it does not count and nobody is a member', [], [instance({})], true],
    ['not while somebody still is whom nothing names', [], [instance({ members: [member('red')] })], false],
  ])('%s', (_name, domains, instances, expected) => {
    const topology = topologyWith({ domains, instances }, true);
    expect(isProgrammed(topology, 'aws-east', [step('create')])).toBe(expected);
  });

  test('not before the console has seen it there, or gone', () => {
    const workload = { domains: [], instances: [] };
    expect(isProgrammed(topologyWith(workload, false), 'aws-east', [step('create')])).toBe(false);
    expect(isProgrammed(topologyWith(workload, true), 'aws-east', [step('delete')])).toBe(false);
    expect(isProgrammed(topologyWith(workload, false), 'aws-east', [step('delete')])).toBe(true);
  });

  test('not in a cluster that does not answer', () => {
    const topology = topologyWith({ domains: [], instances: [] }, true, false);
    expect(isProgrammed(topology, 'aws-east', [step('create')])).toBe(false);
  });
});

describe('a round of the patrol', () => {
  const world = (sizes: readonly number[]): World => {
    const membersOf = new Map<string, Set<string>>();
    const domainsOf = new Map<string, Set<string>>();
    for (const [index, size] of sizes.entries()) {
      const ids = Array.from({ length: size }, (_, n) => `w${index}-${n}`);
      membersOf.set(`d${index}`, new Set(ids));
      for (const id of ids) domainsOf.set(id, new Set([`d${index}`]));
    }
    return { reachability: { index: { membersOf, domainsOf } } } as unknown as World;
  };
  const random = () => 0.37;

  test('of a small network is every pair, both ways', () => {
    const round = patrolRound(world([3, 2]), random);
    const keys = round.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(keys).size).toBe(20);
  });

  test('of a large one is a bounded part, of pairs that share a domain and pairs that do not', () => {
    let state = 1;
    const next = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
    const round = patrolRound(world([3000, 3000]), next);
    expect(round.length).toBeLessThanOrEqual(400);
    const together = round.filter(({ from, to }) => from.slice(0, 2) === to.slice(0, 2));
    expect(together.length).toBeGreaterThan(100);
    expect(round.length - together.length).toBeGreaterThan(50);
  });

  test('of nobody is empty', () => {
    expect(patrolRound(world([]), random)).toEqual([]);
    expect(patrolRound(world([1]), random)).toEqual([]);
  });
});

function topologyWith(workload: object, hasMembership: boolean, reachable = true): Topology {
  const id = 'aws-east/shop/red.deployment.a';
  return {
    clusters: { 'aws-east': { reachable } },
    memberships: hasMembership ? { [id]: {} } : {},
    workloads: { w: { cluster: 'aws-east', namespace: 'shop', ...workload } as unknown as WorkloadView },
  } as unknown as Topology;
}

function step(action: 'create' | 'delete'): PlanStep {
  const text = stableYaml({
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'Membership',
    metadata: { name: 'red.deployment.a', namespace: 'shop' },
    spec: { domain: 'red', workload: { kind: 'Deployment', name: 'a' } },
  });
  return {
    id: 'x',
    action,
    cluster: 'aws-east',
    object: {
      cluster: 'aws-east',
      apiVersion: '',
      kind: 'Membership',
      namespace: 'shop',
      name: 'red.deployment.a',
    },
    before: action === 'delete' ? text : '',
    after: action === 'delete' ? '' : text,
    diff: [],
  } as unknown as PlanStep;
}
