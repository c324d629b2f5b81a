import type { Locator } from '@playwright/test';

/** By what a workflow is gone through: each passes by mouse, and by keyboard alone. */
export type Hands = 'mouse' | 'keyboard';

/** Somebody who uses the console. What they do is the same by mouse and by keyboard. */
export interface Person {
  readonly hands: Hands;
  /** Presses a button, or follows a link. */
  press(target: Locator): Promise<void>;
  /** Replaces the text of a field. */
  fill(field: Locator, text: string): Promise<void>;
  /** Ticks a box that is not ticked. */
  check(box: Locator): Promise<void>;
  /** Chooses one of a group of radio buttons. */
  choose(option: Locator): Promise<void>;
  /** Chooses an item of a menu that a button opens. */
  pickFromMenu(button: Locator, item: Locator): Promise<void>;
  /** Finds an option of a field by typing, and takes it. */
  pickByTyping(field: Locator, text: string, option: Locator): Promise<void>;
  /** Opens the first row of a table. */
  openFirstRow(table: string): Promise<void>;
  /** Goes to a page of the console. */
  go(page: string): Promise<void>;
  /** Connects two elements of the map. */
  connect(source: string, target: string): Promise<void>;
  /** Selects an element of the map. */
  select(key: string): Promise<void>;
}
