import type { Strategy, StrategyContext } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';
import { invalidValue, nameProblems } from '../rest/name-rules.ts';
import type { CrdNames, CrdSpec } from './crd-object.ts';
import { crdSchemaErrors } from './crd-schema.ts';
import { crdSpec, isEstablished } from './crd-object.ts';

/** Keeps a definition until its custom resources are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

const CRDS = { group: 'apiextensions.k8s.io', name: 'customresourcedefinitions' };

/** CustomResourceDefinitions: accepted and established in the same write that creates them. */
export const crdStrategy: Strategy = {
  applyDefaults,
  prepareForCreate: (draft, context) => {
    draft['status'] = acceptedStatus(draft, undefined, context);
    const finalizers = draft.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER))
      draft.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
  },
  prepareForUpdate: (draft, old, context) => {
    draft['status'] = acceptedStatus(draft, old, context);
  },
  validate: (crd) => specErrors(crd),
  validateUpdate: (crd, old) => [
    ...specErrors(crd),
    ...(isEstablished(old) ? immutableErrors(crd, old) : []),
  ],
};

function applyDefaults(draft: KubeObject): void {
  const spec = draft['spec'] as (Record<string, unknown> & { names?: Record<string, unknown> }) | undefined;
  if (!spec) return;
  const { names } = spec;
  if (names && typeof names['kind'] === 'string') {
    names['singular'] ||= names['kind'].toLowerCase();
    names['listKind'] ||= `${names['kind']}List`;
  }
  spec['conversion'] ??= { strategy: 'None' };
}

function specErrors(crd: KubeObject): FieldError[] {
  const spec = crdSpec(crd) as Partial<CrdSpec> | undefined;
  const errors: FieldError[] = [];
  const required = (field: string) =>
    errors.push({ reason: 'FieldValueRequired', field, message: 'Required value' });
  if (!spec?.group) required('spec.group');
  if (spec?.scope !== 'Cluster' && spec?.scope !== 'Namespaced') {
    if (!spec?.scope) required('spec.scope');
    else {
      errors.push({
        reason: 'FieldValueNotSupported',
        field: 'spec.scope',
        message: `Unsupported value: ${JSON.stringify(spec.scope)}: supported values: "Cluster", "Namespaced"`,
      });
    }
  }
  errors.push(...nameErrors(spec?.names), ...versionErrors(spec));
  if (spec?.group && spec.names?.plural && crd.metadata.name !== `${spec.names.plural}.${spec.group}`) {
    errors.push(invalidValue('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`));
  }
  return errors;
}

function nameErrors(names: Partial<CrdNames> | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const check = (field: keyof CrdNames, value: unknown) => {
    if (typeof value !== 'string' || value === '') {
      errors.push({ reason: 'FieldValueRequired', field: `spec.names.${field}`, message: 'Required value' });
      return;
    }
    for (const problem of nameProblems(value.toLowerCase(), 'label1035')) {
      errors.push(invalidValue(`spec.names.${field}`, value, problem));
    }
  };
  check('plural', names?.plural);
  check('singular', names?.singular);
  check('kind', names?.kind);
  check('listKind', names?.listKind);
  if (names?.kind && names.kind === names.listKind) {
    errors.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function versionErrors(spec: Partial<CrdSpec> | undefined): FieldError[] {
  const versions = Array.isArray(spec?.versions) ? spec.versions : [];
  if (versions.length === 0) {
    return [
      invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'),
    ];
  }
  if (versions.length > 1) {
    const message = 'Forbidden: the embedded API server serves one version of a custom resource';
    return [{ reason: 'FieldValueForbidden', field: 'spec.versions', message }];
  }
  const errors: FieldError[] = [];
  const [version] = versions;
  if (!version?.storage) {
    errors.push(
      invalidValue(
        'spec.versions',
        versions.map(({ name }) => name),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  if (typeof version?.name !== 'string' || nameProblems(version.name, 'label1035').length > 0) {
    errors.push(invalidValue('spec.versions[0].name', version?.name ?? '', 'must be a DNS-1035 label'));
  }
  if (!version?.schema?.openAPIV3Schema) {
    errors.push({
      reason: 'FieldValueRequired',
      field: 'spec.versions[0].schema.openAPIV3Schema',
      message: 'Required value: schemas are required',
    });
  } else errors.push(...crdSchemaErrors(version));
  if (spec?.preserveUnknownFields === true) {
    errors.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'must be false in order to use defaults in the schema',
      ),
    );
  }
  if (spec?.conversion?.strategy !== undefined && spec.conversion.strategy !== 'None') {
    const message = 'Forbidden: the embedded API server converts between no versions';
    errors.push({ reason: 'FieldValueForbidden', field: 'spec.conversion.strategy', message });
  }
  return errors;
}

function immutableErrors(crd: KubeObject, old: KubeObject): FieldError[] {
  const spec = crdSpec(crd);
  const before = crdSpec(old);
  const errors: FieldError[] = [];
  const same = (field: string, now: unknown, was: unknown) => {
    if (now !== was) errors.push(invalidValue(field, now, 'field is immutable'));
  };
  same('spec.group', spec.group, before.group);
  same('spec.names.plural', spec.names.plural, before.names.plural);
  same('spec.names.kind', spec.names.kind, before.names.kind);
  same('spec.scope', spec.scope, before.scope);
  return errors;
}

function acceptedStatus(crd: KubeObject, old: KubeObject | undefined, context: StrategyContext): object {
  const spec = crdSpec(crd) as CrdSpec | undefined;
  const time = formatTime(context.nowMs);
  const names = spec?.names;
  const clash = names && nameClash(crd, context);
  const wasEstablished = old !== undefined && isEstablished(old);
  const before = (old?.['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? [];
  const condition = (type: string, status: boolean, reason: string, message: string): Condition => {
    const value = status ? 'True' : 'False';
    const same = before.find((known) => known.type === type && known.status === value);
    return { lastTransitionTime: same?.lastTransitionTime ?? time, message, reason, status: value, type };
  };
  const conditions = [
    clash
      ? condition('NamesAccepted', false, clash.reason, clash.message)
      : condition('NamesAccepted', true, 'NoConflicts', 'no conflicts found'),
    clash && !wasEstablished
      ? condition('Established', false, 'NotAccepted', 'not all names are accepted')
      : condition('Established', true, 'InitialNamesAccepted', 'the initial names have been accepted'),
    ...before.filter(({ type }) => type !== 'NamesAccepted' && type !== 'Established'),
  ];
  const accepted = clash ? { plural: '', kind: '' } : names;
  return {
    conditions,
    acceptedNames: accepted ?? {},
    storedVersions: spec?.versions?.slice(0, 1).map(({ name }) => name) ?? [],
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** A name of the definition that another resource of its group has already. */
function nameClash(
  crd: KubeObject,
  context: StrategyContext,
): { reason: string; message: string } | undefined {
  const { group, names } = crdSpec(crd);
  const custom = context
    .list(CRDS)
    .filter((other) => other.metadata.name !== crd.metadata.name && crdSpec(other).group === group)
    .map((other) => crdSpec(other).names);
  const builtin = context
    .definitions()
    .filter((definition) => definition.builtin && definition.group === group);
  const resources = new Set(
    [...custom, ...builtin].flatMap(({ plural, singular, shortNames }) => [
      plural,
      singular,
      ...(shortNames ?? []),
    ]),
  );
  const kinds = new Set([...custom, ...builtin].flatMap(({ kind, listKind }) => [kind, listKind]));
  const taken = (reason: string, name: string) => ({
    reason,
    message: `${JSON.stringify(name)} is already in use`,
  });
  if (resources.has(names.plural)) return taken('PluralConflict', names.plural);
  if (names.singular && resources.has(names.singular)) return taken('SingularConflict', names.singular);
  const short = names.shortNames?.find((name) => resources.has(name));
  if (short !== undefined) return taken('ShortNamesConflict', short);
  if (kinds.has(names.kind)) return taken('KindConflict', names.kind);
  if (names.listKind && kinds.has(names.listKind)) return taken('ListKindConflict', names.listKind);
  return undefined;
}
