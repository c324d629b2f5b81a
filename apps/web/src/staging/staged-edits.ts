import type { Intent } from '@flatland/shared/intent/intent';

/** What one gesture staged: undone and redone as a whole. */
export interface StagedEdit {
  readonly label: string;
  readonly intents: readonly Intent[];
}

/** Staged edits with their undo history. Nothing here has touched a cluster. */
export interface StagedEdits {
  readonly past: readonly StagedEdit[];
  readonly future: readonly StagedEdit[];
}

/** No staged edit. */
export const NOTHING_STAGED: StagedEdits = { past: [], future: [] };

/** Stages an edit; what could be redone is forgotten. */
export function stage(edits: StagedEdits, edit: StagedEdit): StagedEdits {
  return edit.intents.length === 0 ? edits : { past: [...edits.past, edit], future: [] };
}

/** Takes the last edit back; the same edits where there is none. */
export function undo(edits: StagedEdits): StagedEdits {
  const last = edits.past.at(-1);
  return last ? { past: edits.past.slice(0, -1), future: [last, ...edits.future] } : edits;
}

/** Stages again what was taken back last; the same edits where there is none. */
export function redo(edits: StagedEdits): StagedEdits {
  const [next, ...rest] = edits.future;
  return next ? { past: [...edits.past, next], future: rest } : edits;
}

/** Takes one intent out, wherever in the history it was staged. */
export function unstage(edits: StagedEdits, intent: Intent): StagedEdits {
  const key = intentKey(intent);
  const past = edits.past
    .map((edit) => ({ ...edit, intents: edit.intents.filter((other) => intentKey(other) !== key) }))
    .filter((edit) => edit.intents.length > 0);
  return { past, future: [] };
}

/**
 * What the edits come to, in the order in which they were staged: an intent and its opposite cancel,
 * and saying a thing twice is saying it once.
 */
export function netIntents(edits: StagedEdits): readonly Intent[] {
  const net = new Map<string, Intent>();
  for (const intent of edits.past.flatMap((edit) => edit.intents)) {
    const opposite = oppositeKey(intent);
    if (opposite !== undefined && net.delete(opposite)) continue;
    const key = intentKey(intent);
    if (!net.has(key)) net.set(key, intent);
  }
  return [...net.values()];
}

/** Edits as they come back from a saved draft: one for each intent. */
export function editsOf(intents: readonly Intent[], label: (intent: Intent) => string): StagedEdits {
  return { past: intents.map((intent) => ({ label: label(intent), intents: [intent] })), future: [] };
}

/** Text that is equal for equal intents. */
export function intentKey(intent: Intent): string {
  return JSON.stringify(intent, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Text that is equal for equal intents in the same order; empty for none. */
export function intentsKey(intents: readonly Intent[]): string {
  return intents.map(intentKey).join('\n');
}

function oppositeKey(intent: Intent): string | undefined {
  switch (intent.kind) {
    case 'join':
      return intentKey({ ...intent, kind: 'leave' });
    case 'leave':
      return intentKey({ ...intent, kind: 'join' });
    case 'span':
      return intentKey({ ...intent, kind: 'unspan' });
    case 'unspan':
      return intentKey({ ...intent, kind: 'span' });
    case 'join-namespace':
    case 'create-domain':
    case 'delete-domain':
    case 'bind-mesh':
    case 'enrol':
    case 'link':
    case 'renew-link':
    case 'put-object':
    case 'delete-object':
      return undefined;
  }
}
