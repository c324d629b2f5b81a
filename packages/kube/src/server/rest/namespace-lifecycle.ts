import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import { badRequest, forbidden, notFound } from '../status/status.ts';
import type { StoreReader } from '../storage/store.ts';

/**
 * Refuses new content for a namespace that is missing or going away.
 *
 * @throws StatusError 404 or 403
 */
export function requireNamespace(
  reader: StoreReader,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
): void {
  if (!definition.namespaced) return;
  if (namespace === '') throw badRequest('an empty namespace may not be set during creation');
  const record = reader.get({ resource: 'namespaces', namespace: '', name: namespace });
  if (!record) throw notFound({ group: '', name: 'namespaces' }, namespace);
  if (record.object.metadata.deletionTimestamp === undefined) return;
  const error = forbidden(
    resourceOf(definition),
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  error.status.details!.causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  throw error;
}
