import type { Positions } from '../layout/geometry.ts';
import type { Legality } from '../gesture/legal-targets.ts';
import type { ElementKey } from '../model/element-key.ts';
import type { Detail } from '../model/level-of-detail.ts';

/** What the map tells its page. */
export interface GraphHandlers {
  onSelect(key: ElementKey | undefined): void;
  /** A click with Shift, or Space: into the group of what is connected together, or out of it. */
  onGroup(key: ElementKey): void;
  /** Enter or a double click. */
  onOpen(key: ElementKey): void;
  /** A gesture ended; the target may be the empty canvas. */
  onConnect(source: ElementKey, target: ElementKey): void;
  /** C was pressed: the page asks for the target. */
  onConnectKey(source: ElementKey): void;
  onFocus(key: ElementKey | undefined): void;
  onToggleFold(namespace: ElementKey): void;
  onMoved(positions: Positions): void;
  onView(view: { readonly zoom: number; readonly detail: Detail }): void;
  /** Judges targets of a gesture. */
  judge(source: ElementKey, targets: readonly ElementKey[]): Legality;
  /** Why nothing may be changed now; undefined where it may. */
  blocked(): string | undefined;
}
