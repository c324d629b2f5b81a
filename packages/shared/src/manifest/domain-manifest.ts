import type { DomainSpec } from '../model/domain.ts';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type KubernetesObject,
} from '../model/kubernetes-object.ts';
import { sortKeys } from './stable-yaml.ts';

/** A Domain object; the same bytes for each of its clusters. */
export function domainManifest(name: string, spec: DomainSpec): KubernetesObject {
  const sorted: DomainSpec = {
    ...spec,
    clusters: spec.clusters.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    allowedNamespaces: spec.allowedNamespaces.toSorted(),
  };
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Domain',
    metadata: { name, labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } },
    spec: sortKeys(sorted),
  };
}
