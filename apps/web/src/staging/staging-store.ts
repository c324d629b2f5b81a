import type { Intent } from '@flatland/shared/intent/intent';
import { create } from 'zustand';
import {
  NOTHING_STAGED,
  editsOf,
  intentsKey,
  netIntents,
  redo,
  stage,
  undo,
  unstage,
  type StagedEdit,
  type StagedEdits,
} from './staged-edits.ts';
import { describeIntent } from './describe-intent.ts';

/** How the draft at the backend is: `failed` keeps the edits here and says so. */
export type DraftState =
  | { readonly kind: 'none' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'failed'; readonly message: string };

interface StagingStore {
  readonly edits: StagedEdits;
  readonly intents: readonly Intent[];
  /** The change set that keeps the staged edits. */
  readonly draftId: string | undefined;
  readonly draft: DraftState;
  /** `intentsKey` of what the draft holds; differs from that of `intents` until it is saved. */
  readonly savedKey: string;
  readonly stage: (edit: StagedEdit) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly unstage: (intent: Intent) => void;
  /** Takes all edits back, and with them the draft. */
  readonly discard: () => void;
  /** Forgets all edits and the draft, which lives on: it is applied. */
  readonly release: () => void;
  /** Takes over a saved draft. */
  readonly adopt: (draftId: string, intents: readonly Intent[]) => void;
  readonly saved: (draftId: string | undefined, draft: DraftState, savedKey: string) => void;
}

/** What is staged and not applied. */
export const useStaging = create<StagingStore>((set) => {
  const edit = (change: (edits: StagedEdits) => StagedEdits) =>
    set((state) => {
      const edits = change(state.edits);
      const intents = netIntents(edits);
      const same = intentsKey(intents) === intentsKey(state.intents);
      return { edits, intents: same ? state.intents : intents };
    });
  return {
    edits: NOTHING_STAGED,
    intents: [],
    draftId: undefined,
    draft: { kind: 'none' },
    savedKey: '',
    stage: (next) => edit((edits) => stage(edits, next)),
    undo: () => edit(undo),
    redo: () => edit(redo),
    unstage: (intent) => edit((edits) => unstage(edits, intent)),
    discard: () => set({ edits: NOTHING_STAGED, intents: [] }),
    release: () =>
      set({ edits: NOTHING_STAGED, intents: [], draftId: undefined, draft: { kind: 'none' }, savedKey: '' }),
    adopt: (draftId, intents) =>
      set({
        edits: editsOf(intents, describeIntent),
        intents,
        draftId,
        draft: { kind: 'saved' },
        savedKey: intentsKey(intents),
      }),
    saved: (draftId, draft, savedKey) => set({ draftId, draft, savedKey }),
  };
});

/** What the staged edits come to. */
export function useStagedIntents(): readonly Intent[] {
  return useStaging((state) => state.intents);
}
