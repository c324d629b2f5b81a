import type { Intent } from '@flatland/shared/intent/intent';
import { tellError } from '../lib/console-error.ts';
import type { Client } from '../lib/trpc.ts';
import { titleOf } from './describe-intent.ts';
import { intentsKey } from './staged-edits.ts';
import { useStaging } from './staging-store.ts';

const SETTLE_MS = 200;
const RETRY_MS = 4000;
const STORAGE_KEY = 'flatland.draft';

/** The part of the backend that keeps drafts. */
export type DraftClient = Pick<Client, 'changeSet'>;

/**
 * Keeps the staged edits in a draft change set at the backend, so that they survive a reload. One call
 * at a time; what changes meanwhile is saved by the next. Gives the function that stops it.
 */
export function startDraftSync(client: DraftClient, onSaved: (id: string) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;

  const later = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), ms);
  };
  const save = async () => {
    const staging = useStaging.getState();
    const { intents, draftId, savedKey } = staging;
    const key = intentsKey(intents);
    if (busy || key === savedKey) return;
    busy = true;
    if (staging.draft.kind !== 'saving') staging.saved(draftId, { kind: 'saving' }, savedKey);
    try {
      const id = await put(client, draftId, intents);
      staging.saved(id, { kind: id === undefined ? 'none' : 'saved' }, key);
      if (id !== undefined) onSaved(id);
    } catch (error) {
      staging.saved(draftId, { kind: 'failed', message: tellError(error).message }, savedKey);
      later(RETRY_MS);
    } finally {
      busy = false;
    }
    if (isUnsaved() && useStaging.getState().draft.kind !== 'failed') later(SETTLE_MS);
  };
  const unsubscribe = useStaging.subscribe((state, before) => {
    if (state.draftId !== before.draftId) remember(state.draftId);
    if (state.intents !== before.intents && isUnsaved()) later(SETTLE_MS);
  });
  void restore(client);
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}

function isUnsaved(): boolean {
  const { intents, savedKey } = useStaging.getState();
  return intentsKey(intents) !== savedKey;
}

async function put(
  client: DraftClient,
  draftId: string | undefined,
  intents: readonly Intent[],
): Promise<string | undefined> {
  if (intents.length === 0) {
    if (draftId !== undefined) await client.changeSet.discard.mutate({ id: draftId });
    return undefined;
  }
  const draft = { title: titleOf(intents), intents: [...intents] };
  if (draftId !== undefined)
    return (await client.changeSet.update.mutate({ id: draftId, ...draft })).summary.id;
  const idempotencyKey = crypto.randomUUID();
  return (await client.changeSet.create.mutate({ ...draft, idempotencyKey })).summary.id;
}

/** Takes over the draft that this browser left, where it is still a draft. */
async function restore(client: DraftClient): Promise<void> {
  const id = localStorage.getItem(STORAGE_KEY);
  if (id === null || useStaging.getState().intents.length > 0) return;
  try {
    const { summary, intents } = await client.changeSet.get.query({ id });
    const open = summary.state === 'draft' || summary.state === 'planned';
    if (!open) remember(undefined);
    else if (useStaging.getState().intents.length === 0) useStaging.getState().adopt(id, intents);
  } catch (error) {
    if (tellError(error).code === 'not-found') remember(undefined);
  }
}

function remember(id: string | undefined): void {
  if (id === undefined) localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, id);
}
