import type { Strategy, StrategyContext } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';
import { forbidden } from '../schema/field-error.ts';
import type { CrdSpec } from './crd-object.ts';
import { crdSpec, isEstablished } from './crd-object.ts';

/** Keeps a definition until its custom resources are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

const CRDS = { group: 'apiextensions.k8s.io', name: 'customresourcedefinitions' };

/** CustomResourceDefinitions: accepted and established in the same write that creates them. */
export const crdStrategy: Strategy = {
  requiresVersion: true,
  prepareForCreate: (draft, context) => {
    draft['status'] = acceptedStatus(draft, undefined, context);
  },
  prepareForUpdate: (draft, old, context) => {
    draft['status'] = acceptedStatus(draft, old, context);
  },
  prepareForDelete: (draft, nowMs) => {
    const finalizers = draft.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER))
      draft.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
    const status = draft['status'] as { conditions?: Condition[] };
    const others = (status.conditions ?? []).filter(({ type }) => type !== 'Terminating');
    draft['status'] = { ...status, conditions: [...others, terminating(nowMs)] };
  },
  validate: versionErrors,
  validateUpdate: versionErrors,
};

/** Versions that would need conversion are beyond this server. */
function versionErrors(crd: KubeObject): FieldError[] {
  const versions = (crdSpec(crd) as Partial<CrdSpec> | undefined)?.versions ?? [];
  const errors: FieldError[] = [];
  if (versions.length > 1) {
    errors.push(
      forbidden('spec.versions', 'the embedded API server serves one version of a custom resource'),
    );
  }
  if (versions.some(({ served }) => served === false)) {
    errors.push(forbidden('spec.versions', 'the embedded API server serves the version that it stores'));
  }
  return errors;
}

function acceptedStatus(crd: KubeObject, old: KubeObject | undefined, context: StrategyContext): object {
  const spec = crdSpec(crd) as CrdSpec | undefined;
  const time = formatTime(context.nowMs);
  const names =
    typeof spec?.names?.plural === 'string' && typeof spec.names.kind === 'string' ? spec.names : undefined;
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

function terminating(nowMs: number): Condition {
  return {
    lastTransitionTime: formatTime(nowMs),
    message: 'CustomResource deletion is in progress',
    reason: 'InstanceDeletionInProgress',
    status: 'True',
    type: 'Terminating',
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
