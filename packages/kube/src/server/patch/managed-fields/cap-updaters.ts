import { union } from '../field-set/field-set.ts';
import { compareText } from '../../schema/compare-text.ts';
import { managerKey, secondsOf, type ManagedSet, type ManagerId, type Managers } from './managers.ts';

/** Most entries of updates that an object keeps. */
export const maxUpdateManagers = 10;

const bucketManager = 'ancient-changes';

/** Merges the oldest entries of updates into one for each version, until there are at most {@link maxUpdateManagers}. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers.entries()].filter(([, { id }]) => id.operation === 'Update');
  let nLeft = updaters.length;
  if (nLeft <= maxUpdateManagers) return managers;
  const result = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  updaters.sort(
    ([leftKey, left], [rightKey, right]) =>
      secondsOf(left.time) - secondsOf(right.time) || compareText(leftKey, rightKey),
  );
  for (const [key, managed] of updaters) {
    if (nLeft <= maxUpdateManagers) break;
    const first = firstOfVersion.get(managed.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(managed.apiVersion, key);
      continue;
    }
    mergeIntoBucket(result, first, managed);
    result.delete(key);
    nLeft--;
  }
  return result;
}

function mergeIntoBucket(managers: Managers, first: string, managed: ManagedSet): void {
  const id: ManagerId = {
    manager: bucketManager,
    operation: 'Update',
    apiVersion: managed.apiVersion,
    subresource: '',
  };
  const key = managerKey(id);
  if (!managers.has(key)) {
    const oldest = managers.get(first)!;
    managers.delete(first);
    managers.set(key, { ...oldest, id });
  }
  const bucket = managers.get(key)!;
  // The merged entry is the younger one, so its time counts.
  managers.set(key, {
    id,
    set: union(managed.set, bucket.set),
    apiVersion: managed.apiVersion,
    time: managed.time,
  });
}
