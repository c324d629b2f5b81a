import type { Locator, Page } from '@playwright/test';
import type { MapPage } from '../pages/map-page.ts';
import type { Person } from './person.ts';

/** A person with a mouse: drags on the map, clicks elsewhere. */
export class MousePerson implements Person {
  readonly hands = 'mouse';
  readonly #page: Page;
  readonly #map: MapPage;

  constructor(page: Page, map: MapPage) {
    this.#page = page;
    this.#map = map;
  }

  press(target: Locator): Promise<void> {
    return target.click();
  }

  fill(field: Locator, text: string): Promise<void> {
    return field.fill(text);
  }

  check(box: Locator): Promise<void> {
    return box.check();
  }

  choose(option: Locator): Promise<void> {
    return option.click();
  }

  async pickFromMenu(button: Locator, item: Locator): Promise<void> {
    await button.click();
    await item.click();
  }

  async pickByTyping(field: Locator, text: string, option: Locator): Promise<void> {
    await field.fill(text);
    await option.click();
  }

  openFirstRow(table: string): Promise<void> {
    return this.#page.getByTestId(`${table}-row`).first().click();
  }

  go(page: string): Promise<void> {
    return this.#page.getByRole('link', { name: page, exact: true }).click();
  }

  connect(source: string, target: string): Promise<void> {
    return this.#map.drag(source, target);
  }

  select(key: string): Promise<void> {
    return this.#map.click(key);
  }
}
