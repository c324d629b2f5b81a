import { forbidden } from '../status/status.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import type { ResourceContext } from './request-context.ts';

/**
 * Asks for one more right than the request's own verb, as an apply that creates does.
 *
 * @throws StatusError 403
 */
export function authorizeAlso({ state, user, info, definition }: ResourceContext, verb: string): void {
  const { allowed } = state.authorizer.authorize(user, { ...info, verb });
  if (allowed) return;
  const where =
    info.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(info.namespace)}`;
  throw forbidden(
    resourceOf(definition),
    info.name,
    `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(info.resource)} in API group ${JSON.stringify(info.group)} ${where}`,
  );
}
