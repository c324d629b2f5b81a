import type { ChangeSet, StepDryRun } from '@flatland/bff/api/change-set';
import type { Plan } from '@flatland/shared/plan/plan';
import { describe, expect, it } from 'vitest';
import { applyBlocked } from './apply-blocked.ts';

const step = { id: 'step-1', cluster: 'aws-east' };
const NOTHING = new Set<string>();

describe('a draft', () => {
  it('may be applied where nothing speaks against it', () => {
    expect(applyBlocked(draft({}), NOTHING, NOTHING)).toBeUndefined();
  });

  it('may not be applied where the plan is refused, whatever was acknowledged', () => {
    const refused = draft({ refusals: [{ code: 'prefix-clash', detail: 'red and sandbox' }] });
    expect(applyBlocked(refused, new Set(['prefix-clash']), NOTHING)).toBe('Prefix clash: red and sandbox');
  });

  it('waits until every warning is acknowledged', () => {
    const warned = draft({ warnings: [{ code: 'network-policy', detail: 'cart' }] });
    expect(applyBlocked(warned, NOTHING, NOTHING)).toContain('Under a NetworkPolicy');
    expect(applyBlocked(warned, new Set(['network-policy']), NOTHING)).toBeUndefined();
  });

  it('has nothing to do where the plan is empty', () => {
    expect(applyBlocked(draft({ steps: [] }), NOTHING, NOTHING)).toBe('Nothing is to be changed');
  });

  it('is stopped by a refused dry-run, naming the cluster', () => {
    const result = refusedBy('webhook-refused', 'denied by policy');
    expect(applyBlocked(draft({}, [result]), NOTHING, NOTHING)).toBe('aws-east: denied by policy');
  });

  it('is stopped by an object that changed meanwhile', () => {
    const result = refusedBy('changed-meanwhile', '');
    expect(applyBlocked(draft({}, [result]), NOTHING, NOTHING)).toContain('changed since it was planned');
  });

  it('goes on without a cluster that is away: its part waits', () => {
    expect(applyBlocked(draft({}, [refusedBy('cluster-unreachable', '')]), NOTHING, NOTHING)).toBeUndefined();
  });

  it('with fields of other managers waits until the person chose for each', () => {
    const conflict = { field: '.spec.domain', manager: 'argocd' };
    const result: StepDryRun = { ...refusedBy('field-conflict', 'argocd owns it'), conflicts: [conflict] };
    expect(applyBlocked(draft({}, [result]), NOTHING, NOTHING)).toBe('aws-east: argocd owns it');
    expect(applyBlocked(draft({}, [result]), NOTHING, new Set(['step-1']))).toBeUndefined();
  });
});

function refusedBy(
  code: 'webhook-refused' | 'changed-meanwhile' | 'cluster-unreachable' | 'field-conflict',
  detail: string,
) {
  return { stepId: step.id, outcome: 'refused', refusal: { code, detail }, conflicts: [] } as const;
}

function draft(change: Partial<Plan>, dryRun: readonly StepDryRun[] = []): ChangeSet {
  const plan = { steps: [step], warnings: [], refusals: [], ...change };
  return { planned: { plan, dryRun } } as unknown as ChangeSet;
}
