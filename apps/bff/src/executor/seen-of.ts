import { createHash } from 'node:crypto';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { fieldOwners } from '@flatland/shared/plan/field-owners';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import { FIELD_MANAGER } from './field-manager.ts';

/**
 * What a person saw of an object when they chose, as one number: its identity, its content and who owns which field. A
 * choice holds for exactly this; a status that is written meanwhile changes nothing of it.
 */
export function seenOf(live: KubernetesObject): string {
  const owners = fieldOwners(live, FIELD_MANAGER)
    .map(({ manager, field }) => `${manager} ${field}`)
    .toSorted();
  const seen = [live.metadata.uid ?? '', stableYaml(managedFields(live)), ...new Set(owners)];
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex');
}
