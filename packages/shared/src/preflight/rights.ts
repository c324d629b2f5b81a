import type { AccessAnswer, AccessPurpose, PreflightFacts, PreflightSurroundings } from './facts.ts';
import { line, type PreflightCheck, type PreflightLine, type PreflightState } from './line.ts';

/** Without these there is no map of the cluster. */
const MAP_RESOURCES: ReadonlySet<string> = new Set(['namespaces', 'nodes', 'pods']);
/** Without these nothing that a person drags can be applied. */
const CHANGE_RESOURCES: ReadonlySet<string> = new Set(['domains', 'memberships']);
const CHANGE_VERBS: ReadonlySet<string> = new Set(['create', 'patch']);

interface Purpose {
  readonly check: PreflightCheck;
  /** What the credentials may do where nothing is missing. */
  readonly whole: (nResources: number) => string;
  /** How grave it is that a verb of a resource is missing. */
  readonly missing: (resource: string, verbs: readonly string[]) => PreflightState;
  readonly otherwise: string;
}

const PURPOSES: Readonly<Record<Exclude<AccessPurpose, 'dns'>, Purpose>> = {
  read: {
    check: 'read-rights',
    whole: (n) => `The credentials may list and watch all ${n} kinds that the map is made of`,
    missing: (resource) => (MAP_RESOURCES.has(resource) ? 'failed' : 'warning'),
    otherwise: '',
  },
  write: {
    check: 'write-rights',
    whole: (n) => `The credentials may write the ${n} kinds that a change set is made of`,
    missing: (resource, verbs) =>
      CHANGE_RESOURCES.has(resource) && verbs.some((verb) => CHANGE_VERBS.has(verb)) ? 'failed' : 'warning',
    otherwise: ', or connect it read-only',
  },
  probe: {
    check: 'probe-rights',
    whole: () => 'The credentials may ask agents for reports and probes',
    missing: () => 'warning',
    otherwise: '; without it nothing of this cluster is proved',
  },
  install: {
    check: 'install-rights',
    whole: (n) => `The credentials may install Flatland: ${n} kinds`,
    missing: () => 'warning',
    otherwise: ', or let somebody who has them install Flatland',
  },
};

/** What the credentials may do, by what it is for. What is missing is named by verb and resource. */
export function rightsLines(facts: PreflightFacts, { readOnly }: PreflightSurroundings): PreflightLine[] {
  return Object.entries(PURPOSES).flatMap(([name, purpose]) => {
    if (name === 'write' && readOnly)
      return [
        line(
          'write-rights',
          'ok',
          'Not needed: read-only, so changes are planned and exported, never applied',
        ),
      ];
    if (name === 'install' && readOnly) return [];
    return purposeLines(
      purpose,
      facts.access.filter((answer) => answer.purpose === name),
    );
  });
}

function purposeLines(purpose: Purpose, answers: readonly AccessAnswer[]): PreflightLine[] {
  if (answers.length === 0) return [];
  const { check } = purpose;
  const unasked = answers.flatMap(({ allowed }) => (allowed.ok ? [] : [allowed.error]));
  if (unasked[0] !== undefined)
    return [line(check, 'unknown', `The cluster does not say: ${unasked[0]}`, 'Run the preflight again')];
  const byResource = Map.groupBy(answers, ({ group, resource }) => `${resource}\n${group}`);
  const missing = [...byResource.values()].flatMap((group) => {
    const verbs = group.flatMap(({ verb, allowed }) => (allowed.ok && !allowed.value ? [verb] : []));
    const [first] = group;
    if (verbs.length === 0 || first === undefined) return [];
    const { resource, group: apiGroup } = first;
    const where = apiGroup === '' ? 'of the core API' : `of ${apiGroup}`;
    return [
      line(
        check,
        purpose.missing(resource, verbs),
        `The credentials may not ${verbs.toSorted().join(', ')} ${resource} ${where}`,
        `Grant ${verbs.toSorted().join(', ')} on ${resource}${purpose.otherwise}`,
      ),
    ];
  });
  return missing.length > 0 ? missing : [line(check, 'ok', purpose.whole(byResource.size))];
}
