import fc from 'fast-check';
import { some, spoiled } from './values.ts';

const manager = fc.constantFrom('', 'fieldManager=alice', 'fieldManager=bob', 'fieldManager=kubectl-edit');
const flag = (text: string, bad?: string) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: fc.constant(text) },
    { weight: bad === undefined ? 0 : 1, arbitrary: fc.constant(bad ?? '') },
  );

/** Of updates and patches. */
export const writeQuery = fc
  .tuple(
    manager,
    flag('dryRun=All', 'dryRun=Some'),
    fc.oneof(flag('fieldValidation=Strict', 'fieldValidation=Loose'), flag('fieldValidation=Ignore')),
    flag('', 'force=true'),
  )
  .map(joined);

/** Of creations. */
export const createQuery = fc
  .tuple(manager, flag('dryRun=All'), flag('fieldValidation=Strict', 'fieldValidation=Ignore'))
  .map(joined);

/** Of applies, which must name a manager. */
export const applyQuery = fc
  .tuple(
    spoiled(fc.constantFrom('fieldManager=alice', 'fieldManager=bob', 'fieldManager=carol'), fc.constant('')),
    fc.constantFrom('', '', 'force=true', 'force=false'),
    flag('dryRun=All'),
    flag('fieldValidation=Strict'),
  )
  .map(joined);

const labelSelector = fc.constantFrom(
  '',
  'app=a',
  'app in (a),tier!=x',
  'app',
  '!app',
  'app in (a,b)',
  'tier notin (x)',
  'app=a,tier',
  'app==b',
  'tier>1',
);
const fieldSelector = spoiled(
  fc.constantFrom(
    '',
    '',
    '',
    'metadata.name=one',
    'metadata.name!=one',
    'metadata.name=one,metadata.name=two',
  ),
  fc.constantFrom('metadata.labels=x', 'spec.nothing=1', 'metadata.name'),
);

/** Which objects of a kind are meant. */
export const selection = fc
  .tuple(labelSelector, fieldSelector)
  .map(([label, field]) =>
    joined([
      label === '' ? '' : `labelSelector=${encodeURIComponent(label)}`,
      field === '' ? '' : `fieldSelector=${encodeURIComponent(field)}`,
    ]),
  );

/** Of lists, a page at a time or whole. */
export const listQuery = fc
  .tuple(
    selection,
    fc.constantFrom('', '', 'limit=1', 'limit=2'),
    flag('resourceVersion=x'),
    flag('', 'resourceVersionMatch=Exact'),
  )
  .map(joined);

/**
 * How a deletion is asked for. What only controllers end (orphaning, foreground) stays begun on both servers. A dry run
 * names no policy: one that takes finalizers away is answered by kube-apiserver with an object that has no fields.
 */
export const deleteOptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: some({
      gracePeriodSeconds: fc.constantFrom(0, 1, 30),
      propagationPolicy: spoiled(
        fc.constantFrom('Background', 'Foreground', 'Orphan'),
        fc.constant('Forward'),
      ),
      dryRun: fc.constant([]),
    }),
  },
  {
    weight: 1,
    arbitrary: some({ gracePeriodSeconds: fc.constantFrom(0, 1, 30) }).map((options) => ({
      ...options,
      dryRun: ['All'],
    })),
  },
);

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('&');
}
