import { describe, expect, it } from 'vitest';
import { SAMPLE, sampleTopology } from '../testing/sample.ts';
import { checkNewDomain } from './check-new-domain.ts';

const topology = sampleTopology();
const form = { name: 'blue', clusters: ['aws-east'], prefixes: '10.90.0.0/16' };

describe('a new domain', () => {
  it('is given as typed where nothing is wrong', () => {
    expect(checkNewDomain({ ...form, prefixes: '10.90.0.0/16 fd00:90::/48' }, [], topology)).toEqual({
      domain: {
        name: 'blue',
        clusters: ['aws-east'],
        home: 'aws-east',
        prefixes: ['10.90.0.0/16', 'fd00:90::/48'],
      },
    });
  });

  it('leaves the prefix to the pool where none is typed', () => {
    expect(checkNewDomain({ ...form, prefixes: '' }, [], topology).domain).not.toHaveProperty('prefixes');
  });

  it.each([
    ['pod', '10.244.8.0/24', '10.244.8.0/24 overlaps the pod range 10.244.0.0/16 of aws-east'],
    ['service', '10.96.0.0/16', '10.96.0.0/16 overlaps the service range 10.96.0.0/12 of aws-east'],
  ])('that clashes with the %s range is blocked, naming range and cluster', (_kind, prefixes, text) => {
    const check = checkNewDomain({ ...form, prefixes }, [], topology);
    expect(check.domain).toBeUndefined();
    expect(check.prefixes).toContain(text);
  });

  it('that clashes with a domain of a member is blocked, naming the domain', () => {
    const check = checkNewDomain({ ...form, prefixes: '10.81.0.0/16' }, [SAMPLE.cart], topology);
    expect(check.domain).toBeUndefined();
    expect(check.prefixes).toContain('blue and red both use 10.81.0.0/16');
    expect(check.prefixes).toContain('cart is in red');
  });

  it('that only overlaps another domain is noted, and may be made', () => {
    const check = checkNewDomain({ ...form, prefixes: '10.81.0.0/16' }, [], topology);
    expect(check.domain).toBeDefined();
    expect(check.note).toContain('no workload can be in both');
  });

  it.each([
    ['Blue', 'must be a DNS label'],
    ['a-name-too-long', 'no more than 12 characters'],
    ['red', 'There is a domain red already'],
    ['', 'must not be empty'],
  ])('called %j is refused', (name, text) => {
    expect(checkNewDomain({ ...form, name }, [], topology).name).toContain(text);
  });

  it.each([
    ['10.90.1.0/16', 'did you mean 10.90.0.0/16'],
    ['nonsense', 'is not a prefix'],
    ['10.90.0.0/16 10.91.0.0/16', 'At most one prefix of each family'],
  ])('with the prefixes %j is refused', (prefixes, text) => {
    expect(checkNewDomain({ ...form, prefixes }, [], topology).prefixes).toContain(text);
  });

  it('must span the clusters of its members', () => {
    const check = checkNewDomain(form, [SAMPLE.reporting], topology);
    expect(check.clusters).toBe('reporting runs in onprem-fra, so the domain must span it');
    expect(checkNewDomain({ ...form, clusters: [] }, [], topology).clusters).toBe(
      'Choose at least one cluster',
    );
  });
});
