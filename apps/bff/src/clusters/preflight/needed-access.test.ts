import { expect, test } from 'vitest';
import { NEEDED_ACCESS } from './needed-access.ts';

const of = (purpose: string) =>
  NEEDED_ACCESS.filter((needed) => needed.purpose === purpose).map(
    ({ verb, group, resource }) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`,
  );

test('asks for nothing twice, for no wildcard and to read no Secret', () => {
  const asked = NEEDED_ACCESS.map((needed) => JSON.stringify(needed));
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked.join('\n')).not.toMatch(/\*/);
  const ofSecrets = NEEDED_ACCESS.filter(({ resource }) => resource === 'secrets');
  // An install makes the one that links' tokens are put into.
  expect(ofSecrets.map(({ purpose, verb }) => `${purpose} ${verb}`)).toEqual([
    'install create',
    'install patch',
  ]);
});

test('reads the map’s kinds, writes Flatland’s own, and knows every kind of an install by its plural', () => {
  expect(of('read')).toContain('watch pods');
  expect(of('read')).not.toContain('list servicecidrs.networking.k8s.io');
  expect(of('write').every((text) => text.endsWith('.flatland.dev'))).toBe(true);
  expect(of('install')).toEqual(
    expect.arrayContaining([
      'create customresourcedefinitions.apiextensions.k8s.io',
      'create clusterrolebindings.rbac.authorization.k8s.io',
      'create validatingadmissionpolicies.admissionregistration.k8s.io',
      'create validatingadmissionpolicybindings.admissionregistration.k8s.io',
      'create daemonsets.apps',
      'create namespaces',
    ]),
  );
});
