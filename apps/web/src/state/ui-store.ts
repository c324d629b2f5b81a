import type { DomainOption, NewDomain } from '@flatland/shared/intent/intent';
import type { WorkloadId } from '@flatland/shared/topology/topology';
import { create } from 'zustand';
import type { ElementKey } from '../graph/model/element-key.ts';
import { readClosedNotices, saveClosedNotices, type Notice } from './closed-notices.ts';

/** A dialog that asks something before a gesture is staged. */
export type Asking =
  | { readonly kind: 'target'; readonly source: ElementKey }
  | {
      readonly kind: 'choose-domain';
      readonly source: WorkloadId;
      readonly target: WorkloadId;
      readonly options: readonly DomainOption[];
    }
  | { readonly kind: 'new-domain'; readonly members: readonly WorkloadId[]; readonly suggestion: NewDomain };

interface UiStore {
  readonly paletteOpen: boolean;
  readonly shortcutsOpen: boolean;
  readonly asking: Asking | undefined;
  /** Said to screen readers. */
  readonly announcement: string;
  /** Workloads that are connected together; empty where none or one is meant. */
  readonly group: ReadonlySet<ElementKey>;
  /** Namespaces that are folded on the map. */
  readonly folded: ReadonlySet<ElementKey>;
  /** Notices that a person has closed, in this tab or an earlier one. */
  readonly closedNotices: ReadonlySet<Notice>;
  readonly openPalette: (open: boolean) => void;
  readonly openShortcuts: (open: boolean) => void;
  readonly ask: (asking: Asking | undefined) => void;
  readonly announce: (text: string) => void;
  readonly toggleFold: (key: ElementKey) => void;
  readonly toggleInGroup: (key: ElementKey) => void;
  readonly clearGroup: () => void;
  readonly closeNotice: (notice: Notice) => void;
}

/** What is open, and other state that no URL keeps. */
export const useUi = create<UiStore>((set) => ({
  paletteOpen: false,
  shortcutsOpen: false,
  asking: undefined,
  announcement: '',
  group: new Set(),
  folded: new Set(),
  closedNotices: readClosedNotices(),
  openPalette: (paletteOpen) => set({ paletteOpen }),
  openShortcuts: (shortcutsOpen) => set({ shortcutsOpen }),
  ask: (asking) => set({ asking }),
  announce: (announcement) => set({ announcement }),
  toggleFold: (key) =>
    set((state) => {
      const folded = new Set(state.folded);
      if (!folded.delete(key)) folded.add(key);
      return { folded };
    }),
  toggleInGroup: (key) =>
    set((state) => {
      const group = new Set(state.group);
      if (!group.delete(key)) group.add(key);
      return { group };
    }),
  clearGroup: () => set({ group: new Set() }),
  closeNotice: (notice) =>
    set((state) => {
      const closedNotices = new Set(state.closedNotices).add(notice);
      saveClosedNotices(closedNotices);
      return { closedNotices };
    }),
}));
