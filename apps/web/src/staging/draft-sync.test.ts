// @vitest-environment jsdom
import type { Intent } from '@flatland/shared/intent/intent';
import type { DomainName } from '@flatland/shared/model/names';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDraftSync, type DraftClient } from './draft-sync.ts';
import { useStaging } from './staging-store.ts';

const join = (workload: string): Intent => ({ kind: 'join', workload, domain: 'red' as DomainName });
const edit = (...intents: Intent[]) => ({ label: 'edit', intents });

let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  useStaging.getState().release();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe('the draft of staged edits', () => {
  it('is made once, then kept up to date', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    useStaging.getState().stage(edit(join('a')));
    await settle();
    useStaging.getState().stage(edit(join('b')));
    await settle();
    expect([...backend.drafts.values()]).toEqual([[join('a'), join('b')]]);
    expect(useStaging.getState().draft.kind).toBe('saved');
  });

  it('holds the last word where edits come while it is being saved', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    useStaging.getState().stage(edit(join('a')));
    await vi.advanceTimersByTimeAsync(210);
    useStaging.getState().stage(edit(join('b')));
    useStaging.getState().undo();
    useStaging.getState().stage(edit(join('c')));
    await settle();
    expect([...backend.drafts.values()]).toEqual([[join('a'), join('c')]]);
  });

  it('is discarded when nothing is staged any more', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    useStaging.getState().stage(edit(join('a')));
    await settle();
    useStaging.getState().undo();
    await settle();
    expect(backend.drafts.size).toBe(0);
    expect(useStaging.getState().draftId).toBeUndefined();
  });

  it('lives on when it is applied', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    useStaging.getState().stage(edit(join('a')));
    await settle();
    useStaging.getState().release();
    await settle();
    expect(backend.drafts.size).toBe(1);
    useStaging.getState().stage(edit(join('b')));
    await settle();
    expect([...backend.drafts.values()]).toEqual([[join('a')], [join('b')]]);
  });

  it('comes back after a reload, with each edit undoable', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    useStaging.getState().stage(edit(join('a'), join('b')));
    await settle();
    stop();
    const id = useStaging.getState().draftId!;
    useStaging.setState({ ...useStaging.getInitialState() });
    localStorage.setItem('flatland.draft', id);
    stop = startDraftSync(backend.client, () => undefined);
    await settle();
    expect(useStaging.getState().intents).toEqual([join('a'), join('b')]);
    useStaging.getState().undo();
    await settle();
    expect(backend.drafts.get(id)).toEqual([join('a')]);
  });

  it('says that it is not saved, keeps the edits, and tries again', async () => {
    const backend = fakeBackend();
    stop = startDraftSync(backend.client, () => undefined);
    backend.failing = true;
    useStaging.getState().stage(edit(join('a')));
    await vi.advanceTimersByTimeAsync(1000);
    expect(useStaging.getState().draft).toEqual({ kind: 'failed', message: 'disk full' });
    expect(useStaging.getState().intents).toEqual([join('a')]);
    backend.failing = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(useStaging.getState().draft.kind).toBe('saved');
    expect(backend.drafts.size).toBe(1);
  });
});

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000);
}

/** A backend that keeps drafts, and takes a while for each call. */
function fakeBackend() {
  const drafts = new Map<string, readonly Intent[]>();
  const backend = { drafts, failing: false, client: undefined as unknown as DraftClient };
  const answer = async (id: string) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (backend.failing) throw new Error('disk full');
    return { summary: { id, state: 'planned' }, intents: drafts.get(id) ?? [] };
  };
  const put = async (id: string, intents: readonly Intent[]) => {
    const done = await answer(id);
    drafts.set(id, intents);
    return done;
  };
  backend.client = {
    changeSet: {
      create: { mutate: ({ intents }: { intents: Intent[] }) => put(`draft-${drafts.size}`, intents) },
      update: { mutate: ({ id, intents }: { id: string; intents: Intent[] }) => put(id, intents) },
      get: { query: ({ id }: { id: string }) => answer(id) },
      discard: {
        mutate: async ({ id }: { id: string }) => {
          await answer(id);
          drafts.delete(id);
        },
      },
    },
  } as unknown as DraftClient;
  return backend;
}
