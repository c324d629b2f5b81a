import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from '../hands/person.ts';
import { PATIENCE_MS } from '../worlds/patience.ts';

/** Staged bar, review and apply. */
export class ReviewPage {
  readonly page: Page;
  readonly sheet: Locator;
  readonly #person: Person;

  constructor(page: Page, person: Person) {
    this.page = page;
    this.#person = person;
    this.sheet = page.getByTestId('review-sheet').or(page.getByTestId('change-set'));
  }

  async expectStaged(text: string): Promise<void> {
    await expect(this.page.getByTestId('staged-count')).toHaveText(text);
  }

  /** Opens the review of what is staged. */
  async open(): Promise<void> {
    await this.#person.press(this.page.getByTestId('review'));
    await expect(this.sheet.getByTestId('plan-sentence')).toBeVisible();
  }

  sentence(): Locator {
    return this.sheet.getByTestId('plan-sentence');
  }

  steps(): Locator {
    return this.sheet.getByTestId('plan-step');
  }

  /** Ticks every acknowledgement that the plan asks for. */
  async acknowledge(): Promise<void> {
    for (const box of await this.sheet.locator('[data-testid^="acknowledge-"]').all())
      await this.#person.check(box);
  }

  async apply(): Promise<void> {
    await this.#person.press(this.sheet.getByTestId('apply'));
  }

  /** Waits until every cluster's row says so. */
  async expectRows(states: Readonly<Record<string, string | RegExp>>): Promise<void> {
    for (const [cluster, state] of Object.entries(states))
      await expect(
        this.sheet.locator(`[data-testid="apply-row"][data-cluster="${cluster}"]`),
      ).toHaveAttribute('data-state', state, { timeout: PATIENCE_MS });
  }

  async expectState(state: string): Promise<void> {
    await expect(this.sheet.getByTestId('change-set-state')).toHaveText(state, { timeout: PATIENCE_MS });
  }

  async close(): Promise<void> {
    await this.#person.press(
      this.page.getByTestId('review-close').or(this.page.getByLabel('Close the change set')),
    );
  }
}
