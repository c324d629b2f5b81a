import type { PolicyRule } from '../auth/authorizer.ts';
import { confirmBinding, confirmRole } from '../auth/escalation.ts';
import { equalJson } from '../schema/json.ts';
import type { JsonValue } from '../schema/json.ts';
import type { Strategy } from './resource-definition.ts';

/** Roles and cluster roles: nobody grants what they do not have. */
export const roleStrategy: Strategy = {
  createOnUpdate: true,
  authorizeWrite: (role, old, grant) => {
    if (old && equalJson(json(old['rules']), json(role['rules']))) return;
    confirmRole(grant, (role['rules'] as PolicyRule[] | undefined) ?? []);
  },
};

/** Bindings: nobody binds a role that grants more than they have. */
export const bindingStrategy: Strategy = {
  createOnUpdate: true,
  authorizeWrite: (binding, old, grant) => {
    const same = (field: string) => old !== undefined && equalJson(json(old[field]), json(binding[field]));
    if (same('subjects') && same('roleRef')) return;
    const { kind, name } = (binding['roleRef'] ?? {}) as { kind?: string; name?: string };
    confirmBinding(grant, { kind: kind ?? '', name: name ?? '' });
  },
};

function json(value: unknown): JsonValue | undefined {
  return value as JsonValue | undefined;
}
