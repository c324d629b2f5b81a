import type { PlanStep } from '@flatland/shared/plan/plan';
import { expect, it } from 'vitest';
import { applyLabel, enginesOf, gitSteps } from './git-steps.ts';

const ours = { id: 'a' } as PlanStep;
const argo = { id: 'b', git: 'argo-cd' } as PlanStep;
const flux = { id: 'c', git: 'flux' } as PlanStep;

it('a plan of objects that Git keeps is exported, one of some of them applied and exported', () => {
  expect(applyLabel({ steps: [ours] })).toBe('Apply');
  expect(applyLabel({ steps: [argo, flux] })).toBe('Export');
  expect(applyLabel({ steps: [ours, argo] })).toBe('Apply and export');
  expect(gitSteps({ steps: [ours, argo, flux] })).toEqual([argo, flux]);
});

it('engines are named once, in order', () => {
  expect(enginesOf([flux, argo, flux])).toBe('Argo CD and Flux');
});
