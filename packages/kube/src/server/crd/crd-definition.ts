import type { ResourceDefinition, ScalePaths, Subresource } from '../kinds/resource-definition.ts';
import { ALL_VERBS } from '../kinds/resource-definition.ts';
import { getterOf } from '../kinds/selectable-fields.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { crdColumns } from '../table/crd-columns.ts';
import type { CrdVersion } from './crd-object.ts';
import { crdSpec } from './crd-object.ts';
import { crdSchema } from './crd-schema.ts';

const READ_WRITE = ['get', 'patch', 'update'];

/** The resource that an established CustomResourceDefinition serves. */
export function definitionOf(crd: KubeObject): ResourceDefinition {
  const { group, scope, names, versions } = crdSpec(crd);
  const version = versions[0]!;
  const { scale } = version.subresources ?? {};
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind || `${names.kind}List`,
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs: ALL_VERBS,
    subresources: subresourcesOf(version, names.kind),
    schema: crdSchema(version),
    builtin: false,
    component: componentName(group, version.name, names.kind),
    nameRule: 'dns-subdomain',
    hasGeneration: true,
    statusResets: [['metadata'], ['spec']],
    ...(scale && { scale: scalePaths(scale) }),
    columns: crdColumns(version.additionalPrinterColumns),
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.replace(/^\./, ''),
        getterOf(jsonPath),
      ]),
    ),
    strategy: { requiresVersion: true, warnings: () => deprecation(version, group, names.kind) },
  };
}

/** Splits a simple JSON path (`.spec.replicas`) into its field names. */
export function simplePath(jsonPath: string): string[] {
  return jsonPath.replace(/^\./, '').split('.');
}

function subresourcesOf({ subresources = {} }: CrdVersion, kind: string): Subresource[] {
  const found: Subresource[] = [];
  if (subresources.scale) {
    found.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: READ_WRITE });
  }
  if (subresources.status) found.push({ name: 'status', group: '', version: '', kind, verbs: READ_WRITE });
  return found;
}

function scalePaths(scale: NonNullable<NonNullable<CrdVersion['subresources']>['scale']>): ScalePaths {
  return {
    specReplicas: simplePath(scale.specReplicasPath),
    statusReplicas: simplePath(scale.statusReplicasPath),
    ...(scale.labelSelectorPath && { labelSelector: simplePath(scale.labelSelectorPath) }),
  };
}

function deprecation(
  { deprecated, deprecationWarning, name }: CrdVersion,
  group: string,
  kind: string,
): string[] {
  if (!deprecated) return [];
  return [deprecationWarning ?? `${group}/${name} ${kind} is deprecated`];
}

/** `dev.flatland.v1alpha1.Domain`: the group's labels backwards, as Kubernetes names the component. */
function componentName(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}
