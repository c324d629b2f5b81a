import type { StatusCause } from '../../schema/field-error.ts';
import { formatPath } from '../field-set/path-element.ts';
import { managerKey, type ManagerId } from './managers.ts';
import type { Conflict } from './updater.ts';

/** An apply that was refused because of what others own: text and causes of the 409. */
export interface ApplyConflict {
  readonly message: string;
  readonly causes: StatusCause[];
}

/** Words conflicts as the API server does; causes are in the order of managers and paths. */
export function describeConflicts(conflicts: readonly Conflict[]): ApplyConflict {
  return {
    message: messageOf(conflicts),
    causes: conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${printManager(owner)}`,
      field: formatPath(path),
    })),
  };
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.owner)}: ${formatPath(first.path)}`;
  }
  const byManager = Map.groupBy(conflicts, ({ owner }) => managerKey(owner));
  const lines = [...byManager.values()].flatMap((group) => [
    `conflicts with ${printManager(group[0]!.owner)}:`,
    ...group.map(({ path }) => `- ${formatPath(path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function printManager({ manager, operation, apiVersion, subresource }: ManagerId): string {
  const named = JSON.stringify(manager);
  const through = subresource === '' ? named : `${named} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${through} using ${apiVersion}` : through;
}
