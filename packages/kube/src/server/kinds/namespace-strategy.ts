import type { Strategy } from './resource-definition.ts';

/** Namespaces: they begin active, and hold themselves back until they are empty. */
export const namespaceStrategy: Strategy = {
  returnsDeleted: true,
  prepareForCreate: (namespace) => {
    namespace['spec'] = { finalizers: ['kubernetes'] };
    namespace['status'] = { phase: 'Active' };
  },
  prepareForUpdate: (namespace, old) => {
    // Only the finalize subresource changes the spec.
    namespace['spec'] = old['spec'];
  },
  refuseDelete: ({ metadata }) =>
    ['default', 'kube-public', 'kube-system'].includes(metadata.name)
      ? 'this namespace may not be deleted'
      : undefined,
};
