import { expect, type Locator, type Page } from '@playwright/test';
import type { MapPage } from '../pages/map-page.ts';
import type { Person } from './person.ts';

/** More stops than any page has. */
const MAX_TABS = 150;
const MAX_ARROWS = 60;

/** A person with a keyboard alone: focus moves by Tab and arrows, never by script. */
export class KeyboardPerson implements Person {
  readonly hands = 'keyboard';
  readonly #page: Page;
  readonly #map: MapPage;

  constructor(page: Page, map: MapPage) {
    this.#page = page;
    this.#map = map;
  }

  async press(target: Locator): Promise<void> {
    await expect(target).toBeEnabled();
    await this.reach(target);
    await this.#page.keyboard.press('Enter');
  }

  async fill(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.#page.keyboard.press('Control+A');
    await this.#page.keyboard.type(text);
  }

  async check(box: Locator): Promise<void> {
    await this.reach(box);
    await this.#page.keyboard.press('Space');
    await expect(box).toBeChecked();
  }

  async choose(option: Locator): Promise<void> {
    await expect(option).toBeVisible();
    const group = option.locator('xpath=ancestor::*[@role="radiogroup"]');
    await this.reach(group);
    await this.#repeat('ArrowDown', () => holdsFocus(option));
    if (!(await option.isChecked())) await this.#page.keyboard.press('Space');
  }

  async pickFromMenu(button: Locator, item: Locator): Promise<void> {
    await this.press(button);
    await expect(item).toBeVisible();
    await this.#repeat('ArrowDown', () => holdsFocus(item));
    await this.#page.keyboard.press('Enter');
  }

  async pickByTyping(field: Locator, text: string, option: Locator): Promise<void> {
    await this.fill(field, text);
    await expect(option).toBeVisible();
    await this.#repeat('ArrowDown', () => highlighted(option));
    await this.#page.keyboard.press('Enter');
  }

  async openFirstRow(table: string): Promise<void> {
    await expect(this.#page.getByTestId(`${table}-row`).first()).toBeVisible();
    await this.reach(this.#page.getByTestId(table).getByRole('rowgroup').last());
    await this.#page.keyboard.press('Home');
  }

  async go(page: string): Promise<void> {
    const palette = this.#page.getByRole('combobox');
    // A page that has just been opened may not listen yet; a person presses again.
    await expect(async () => {
      if (!(await palette.isVisible())) await this.#page.keyboard.press('Control+k');
      await expect(palette).toBeFocused({ timeout: 2000 });
    }).toPass();
    await this.#takeFromList(page, `go ${page}`);
  }

  async connect(source: string, target: string): Promise<void> {
    await this.#focusOnMap(source);
    await this.#page.keyboard.press('c');
    await this.#takeFromList(
      target.slice(Math.max(target.lastIndexOf('/'), target.indexOf(':')) + 1),
      target,
    );
  }

  async select(key: string): Promise<void> {
    await this.#focusOnMap(key);
    await this.#page.keyboard.press('Enter');
  }

  /** Tabs until an element, or something in it, has the focus. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    await this.#repeat('Tab', () => holdsFocus(target), MAX_TABS);
  }

  async #focusOnMap(key: string): Promise<void> {
    await this.reach(this.#page.getByTestId('map'));
    await this.#map.moveFocusTo(key);
  }

  /** Types what is looked for into a list, and takes the entry with a value. */
  async #takeFromList(text: string, value: string): Promise<void> {
    const entry = this.#page.locator(`[data-value-id="${value}"]`);
    await expect(this.#page.getByRole('combobox')).toBeFocused();
    await this.#page.keyboard.type(text);
    await expect(entry).toBeVisible();
    await this.#repeat('ArrowDown', () => highlighted(entry));
    await this.#page.keyboard.press('Enter');
  }

  async #repeat(key: string, done: () => Promise<boolean>, most = MAX_ARROWS): Promise<void> {
    for (let presses = 0; presses < most; presses++) {
      if (await done()) return;
      await this.#page.keyboard.press(key);
    }
    throw new Error(`${key} does not lead there, in ${most} presses`);
  }
}

function holdsFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element.contains(document.activeElement));
}

function highlighted(target: Locator): Promise<boolean> {
  return target.evaluate(
    (element) => element.hasAttribute('data-highlighted') || element.getAttribute('data-selected') === 'true',
  );
}
