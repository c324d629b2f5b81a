import { equalJson, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import { goValue } from '../schema/go-print.ts';
import { fail, ok, type Result } from '../schema/result.ts';
import type { PatchError } from './patch-error.ts';

/** Says what to do with the map or list item that it stands in. */
export const patchDirective = '$patch';

/** Merges a patch's list item into the item with the same key. */
export type MergeItem = (original: JsonObject, patch: JsonObject) => Result<JsonObject, PatchError>;

/**
 * Merges a list by its merge key, or as a set of scalars where it has none: patched items come in the patch's order,
 * others keep their places (apimachinery `strategicpatch.mergeSlice`). May change its arguments: new items take the room
 * of deleted ones in the original list, which then counts for the order that `$setElementOrder` leaves open.
 */
export function mergeStrategicList(
  original: JsonValue[],
  patch: JsonValue[],
  { mergeKey, mergeItem }: { mergeKey: string; mergeItem: MergeItem },
): Result<JsonValue[], PatchError> {
  if (original.length === 0 && patch.length === 0) return ok(original);
  const kind = kindOf([...original, ...patch]);
  if (kind === undefined)
    return malformed('the items of a list that is merged must be of one type, and no lists');
  if (kind === 'scalar') {
    const merged = deduplicate([...original, ...patch]);
    return ok(orderItems(merged, { patchOrder: patch, originalOrder: original, mergeKey: '' }));
  }
  if (mergeKey === '') return unexpected('cannot merge lists without merge key');
  const special = applyDirectives(original as JsonObject[], patch as JsonObject[], mergeKey);
  if (!special.ok) return special;
  const merged = mergeItems(special.value.original, special.value.patch, { mergeKey, mergeItem });
  if (!merged.ok) return merged;
  if (special.value.original.length < original.length)
    original.splice(0, original.length, ...merged.value.slice(0, original.length));
  return ok(
    orderItems(merged.value, {
      patchOrder: special.value.patch,
      originalOrder: special.value.original,
      mergeKey,
    }),
  );
}

/** Puts items in order: those that the patch names in its order, the others as the original has them. */
export function orderItems(
  items: readonly JsonValue[],
  {
    patchOrder,
    originalOrder,
    mergeKey,
  }: { patchOrder: readonly JsonValue[]; originalOrder: readonly JsonValue[]; mergeKey: string },
): JsonValue[] {
  const isPatched = (item: JsonValue) => indexOf(patchOrder, item, mergeKey) >= 0;
  const patched = sortBy(items.filter(isPatched), patchOrder, mergeKey);
  const others = sortBy(
    items.filter((item) => !isPatched(item)),
    originalOrder,
    mergeKey,
  );
  const ordered: JsonValue[] = [];
  let o = 0;
  let p = 0;
  while (o < others.length || p < patched.length) {
    const other = others[o];
    const mine = patched[p];
    if (mine === undefined || (other !== undefined && comesBefore(originalOrder, other, mine, mergeKey))) {
      ordered.push(other!);
      o++;
    } else {
      ordered.push(mine);
      p++;
    }
  }
  return ordered;
}

/** Checks that the items of a patch's list come in the order that `$setElementOrder` says. */
export function fitsElementOrder(
  patch: readonly JsonValue[],
  order: readonly JsonValue[],
  mergeKey: string,
): boolean {
  if (patch.length === 0 || order.length === 0) return true;
  let position = 0;
  for (const item of patch) {
    if (isJsonObject(item) && Object.hasOwn(item, patchDirective)) continue;
    while (position < order.length && !sameItem(item, order[position]!, mergeKey)) position++;
    if (position === order.length) return false;
    position++;
  }
  return true;
}

function applyDirectives(
  original: JsonObject[],
  patch: readonly JsonObject[],
  mergeKey: string,
): Result<{ original: JsonObject[]; patch: JsonObject[] }, PatchError> {
  const plain: JsonObject[] = [];
  let rest = original;
  let replace = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, patchDirective)) {
      plain.push(item);
      continue;
    }
    const directive = item[patchDirective];
    switch (typeof directive === 'string' ? directive : '') {
      case 'delete': {
        const key = getOwn(item, mergeKey);
        if (key === undefined) return noMergeKey(item, mergeKey);
        rest = rest.filter((other) => !equalJson(getOwn(other, mergeKey), key));
        break;
      }
      case 'replace':
        replace = true;
        break;
      case 'merge':
        return unexpected('merging lists cannot yet be specified in the patch');
      default:
        return unexpected(`unknown patch type: ${goValue(directive ?? null)} in map: ${goValue(item)}`);
    }
  }
  if (!replace) return ok({ original: rest, patch: plain });
  const odd = plain.find((item) => getOwn(item, mergeKey) === undefined);
  return odd ? noMergeKey(odd, mergeKey) : ok({ original: plain, patch: [] });
}

function mergeItems(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  { mergeKey, mergeItem }: { mergeKey: string; mergeItem: MergeItem },
): Result<JsonObject[], PatchError> {
  const merged = [...original];
  for (const item of patch) {
    const key = getOwn(item, mergeKey);
    if (key === undefined) return noMergeKey(item, mergeKey);
    const index = merged.findIndex((other) => equalJson(getOwn(other, mergeKey), key));
    if (index < 0) {
      merged.push(item);
      continue;
    }
    const combined = mergeItem(merged[index]!, item);
    if (!combined.ok) return combined;
    merged[index] = combined.value;
  }
  return ok(merged);
}

function kindOf(items: readonly JsonValue[]): 'map' | 'scalar' | undefined {
  const kinds = new Set(
    items.map((item) => (Array.isArray(item) ? 'list' : isJsonObject(item) ? 'map' : typeof item)),
  );
  if (kinds.size !== 1 || kinds.has('list')) return undefined;
  return kinds.has('map') ? 'map' : 'scalar';
}

function deduplicate(items: readonly JsonValue[]): JsonValue[] {
  return [...new Set(items)];
}

function sortBy(items: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): JsonValue[] {
  return items
    .map((item) => ({ item, position: indexOf(order, item, mergeKey) }))
    .toSorted((left, right) => left.position - right.position)
    .map(({ item }) => item);
}

function comesBefore(
  order: readonly JsonValue[],
  left: JsonValue,
  right: JsonValue,
  mergeKey: string,
): boolean {
  const l = indexOf(order, left, mergeKey);
  const r = indexOf(order, right, mergeKey);
  return l >= 0 && r >= 0 && l < r;
}

function indexOf(items: readonly JsonValue[], item: JsonValue, mergeKey: string): number {
  return items.findIndex((other) => sameItem(other, item, mergeKey));
}

function sameItem(left: JsonValue, right: JsonValue, mergeKey: string): boolean {
  if (mergeKey === '') return equalJson(left, right);
  return (
    isJsonObject(left) && isJsonObject(right) && equalJson(getOwn(left, mergeKey), getOwn(right, mergeKey))
  );
}

function noMergeKey(item: JsonObject, mergeKey: string): { ok: false; error: PatchError } {
  return unexpected(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);
}

function unexpected(message: string): { ok: false; error: PatchError } {
  return fail({ kind: 'unexpected', message });
}

function malformed(message: string): { ok: false; error: PatchError } {
  return fail({ kind: 'malformed', message });
}
