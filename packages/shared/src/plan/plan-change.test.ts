import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../testing/world.ts';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import type { Intent } from '../intent/intent.ts';
import type { DomainName } from '../model/names.ts';
import { planChange } from './plan-change.ts';
import { applyToSnapshot } from './apply-to-snapshot.ts';
import { invertSteps } from './invert-plan.ts';

const snapshot = snapshotOf(SAMPLE_WORLD);
const reporting = 'onprem-fra/analytics/Deployment/reporting';
const green = 'green' as DomainName;

function plan(...intents: Intent[]) {
  return planChange({ snapshot, intents });
}

describe('planning a join', () => {
  it('stages exactly one Membership and says who gains reach', () => {
    const result = plan({ kind: 'join', workload: reporting, domain: green });
    expect(result.refusals).toEqual([]);
    expect(result.steps.map((step) => [step.action, step.id])).toEqual([
      ['create', 'onprem-fra Membership analytics green.deployment.reporting'],
    ]);
    expect(result.sentence).toBe(
      'reporting will reach 3 more members, 3 more will reach it; no pod restarts',
    );
    expect(result.effect.gained).toHaveLength(6);
    expect(result.effect.lost).toEqual([]);
    expect(result.steps[0]?.after).toMatchInlineSnapshot(`
      "apiVersion: flatland.dev/v1alpha1
      kind: Membership
      metadata:
        name: green.deployment.reporting
        namespace: analytics
        labels:
          app.kubernetes.io/managed-by: flatland
      spec:
        domain: green
        workload:
          kind: Deployment
          name: reporting
      "
    `);
  });

  it('is refused where the prefix clashes with that of another domain of the workload, naming both', () => {
    const result = plan(
      { kind: 'span', cluster: 'onprem-fra' as never, domain: 'sandbox' as DomainName },
      { kind: 'join', workload: reporting, domain: 'sandbox' as DomainName },
    );
    expect(result.refusals).toEqual([
      { code: 'prefix-clash', detail: 'sandbox and red both use 10.81.0.0/16' },
    ]);
  });

  it('plans nothing for a member that is one already', () => {
    expect(plan({ kind: 'join', workload: reporting, domain: 'red' as DomainName }).steps).toEqual([]);
  });
});

describe('planning a leave', () => {
  it('deletes the Membership and says who loses reach', () => {
    const result = plan({ kind: 'leave', workload: reporting, domain: 'red' as DomainName });
    expect(result.steps.map((step) => step.action)).toEqual(['delete']);
    expect(result.steps[0]?.live).toEqual({ uid: 'm-red-analytics-reporting', resourceVersion: '1' });
    expect(result.sentence).toBe(
      'reporting will reach 9 fewer members, 9 fewer will reach it; no pod restarts',
    );
  });

  it('refuses to delete a Membership that Flatland did not make', () => {
    const foreign = {
      clusters: snapshot.clusters.map((cluster) => ({
        ...cluster,
        objects: cluster.objects.map((object) =>
          object.kind === 'Membership' ? { ...object, metadata: { ...object.metadata, labels: {} } } : object,
        ),
      })),
    };
    const result = planChange({
      snapshot: foreign,
      intents: [{ kind: 'leave', workload: reporting, domain: 'red' as DomainName }],
    });
    expect(result.steps).toEqual([]);
    expect(result.refusals[0]?.code).toBe('unowned-object');
  });
});

describe('planning a domain', () => {
  const create: Intent = {
    kind: 'create-domain',
    domain: { name: 'blue' as DomainName, clusters: ['aws-east', 'onprem-fra'] as never },
    members: [reporting],
  };

  it('takes prefixes from the pool that overlap nothing known, and a slice for each cluster', () => {
    const result = plan(create);
    expect(result.refusals).toEqual([]);
    expect(result.steps.map((step) => step.id)).toEqual([
      'aws-east Domain  blue',
      'onprem-fra Domain  blue',
      'onprem-fra Membership analytics blue.deployment.reporting',
    ]);
    expect(result.steps[0]?.after).toContain('10.83.0.0/20');
    expect(result.steps[0]?.after).toContain('fd00:83:0:1000::/52');
    expect(result.steps[0]?.after).toBe(result.steps[1]?.after);
  });

  it.each([
    ['10.244.128.0/17', '10.244.128.0/17 overlaps the pod range 10.244.0.0/16 of aws-east'],
    ['10.100.0.0/16', '10.100.0.0/16 overlaps the service range 10.96.0.0/12 of aws-east'],
    ['192.0.2.0/24', '192.0.2.0/24 overlaps the node range 192.0.2.1/32 of aws-east'],
    ['10.81.64.0/18', 'blue and red use 10.81.64.0/18 and 10.81.0.0/16, which overlap'],
  ])('refuses the prefix %s and names range and cluster', (prefix, detail) => {
    const result = plan({ ...create, domain: { ...create.domain, prefixes: [prefix as never] } });
    expect(result.steps).toEqual([]);
    expect(result.refusals).toEqual([{ code: 'prefix-clash', detail }]);
  });

  it('spans one more cluster in every copy, adds before removes', () => {
    const result = plan(
      { kind: 'span', cluster: 'aws-east' as never, domain: 'sandbox' as DomainName },
      { kind: 'leave', workload: reporting, domain: 'red' as DomainName },
    );
    expect(result.steps.map((step) => [step.action, step.id])).toEqual([
      ['update', 'onprem-fra Domain  sandbox'],
      ['create', 'aws-east Domain  sandbox'],
      ['delete', 'onprem-fra Membership analytics red.deployment.reporting'],
    ]);
    expect(result.steps[0]?.diff).toEqual([
      {
        path: 'spec.clusters[name=aws-east]',
        op: 'add',
        after: { name: 'aws-east', slices: ['10.81.16.0/20'] },
      },
    ]);
  });

  it('deletes every copy and the memberships that it made', () => {
    const result = plan({ kind: 'delete-domain', domain: green });
    expect(result.steps.map((step) => step.object.kind)).toEqual([
      'Membership',
      'Membership',
      'Membership',
      'Membership',
      'Domain',
      'Domain',
      'Domain',
    ]);
    expect(result.effect.gained).toEqual([]);
  });
});

describe('objects as given', () => {
  const object = {
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'Membership',
    metadata: { name: 'x', namespace: 'analytics' },
    spec: { domain: 'green', workload: { kind: 'Deployment', name: 'reporting' } },
  };

  it.each([
    ['an unknown cluster', { cluster: 'mars', object }, 'unknown-cluster', 'no cluster is called mars'],
    [
      'a foreign kind',
      { cluster: 'aws-east', object: { ...object, apiVersion: 'v1', kind: 'Pod' } },
      'invalid-object',
      'Pod x is not of a kind',
    ],
    [
      'a domain that is not a DNS label',
      { cluster: 'aws-east', object: { ...object, spec: { ...object.spec, domain: 'Not_A_Label' } } },
      'invalid-object',
      'spec.domain: must be a DNS label',
    ],
    ['no object at all', { cluster: 'aws-east', object: {} }, 'invalid-object', 'no apiVersion'],
  ])('refuses %s', (_name, given, code, detail) => {
    const result = plan({ kind: 'put-object', ...given } as Intent);
    expect(result.steps).toEqual([]);
    expect(result.refusals[0]?.code).toBe(code);
    expect(result.refusals[0]?.detail).toContain(detail);
  });

  it('refuses a Membership that would not count', () => {
    const result = plan({
      kind: 'put-object',
      cluster: 'onprem-fra' as never,
      object: { ...object, spec: { domain: 'nowhere', workload: object.spec.workload } },
    });
    expect(result.refusals[0]).toEqual({
      code: 'domain-not-found',
      detail: 'nowhere does not exist in onprem-fra',
    });
  });
});

describe('reverting', () => {
  it('brings every object back as it was', () => {
    const intents: Intent[] = [
      { kind: 'join', workload: reporting, domain: green },
      { kind: 'leave', workload: 'gke-west/finance/Deployment/billing', domain: 'red' as DomainName },
      { kind: 'span', cluster: 'aws-east' as never, domain: 'sandbox' as DomainName },
    ];
    const done = plan(...intents);
    const after = applyToSnapshot(snapshot, done.steps);
    const inverse = planChange({ snapshot: after, intents: invertSteps(done.steps) });
    expect(inverse.refusals).toEqual([]);
    expect(inverse.effect.gained).toEqual(done.effect.lost);
    expect(inverse.effect.lost).toEqual(done.effect.gained);
    const restored = applyToSnapshot(after, inverse.steps);
    expect(planChange({ snapshot: restored, intents }).steps.map((step) => step.id)).toEqual(
      done.steps.map((step) => step.id),
    );
  });
});
