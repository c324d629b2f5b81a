import fc from 'fast-check';
import { zClusterName } from '@flatland/shared/model/names';
import { expect, test } from 'vitest';
import { suggestName } from './suggest-name.ts';

test.each([
  ['kind-dev', 'kind-dev'],
  ['arn:aws:eks:eu-west-1:123456789012:cluster/Prod_EU', 'prod-eu'],
  ['admin@homelab', 'homelab'],
  ['gke_project_europe-west1_main', 'gke-project-europe-west1-main'],
  ['…', 'cluster'],
])('%s becomes %s', (context, name) => {
  expect(suggestName(context, new Set())).toBe(name);
});

test('a name that is taken gets a number', () => {
  expect(suggestName('dev', new Set(['dev', 'dev-2']))).toBe('dev-3');
});

test('whatever a context is called, the name can be a cluster’s', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (context) => {
      const first = suggestName(context, new Set());
      expect(zClusterName.safeParse(first).success).toBe(true);
      expect(zClusterName.safeParse(suggestName(context, new Set([first]))).success).toBe(true);
    }),
  );
});
