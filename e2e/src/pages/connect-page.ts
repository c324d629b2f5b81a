import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from '../hands/person.ts';
import { PATIENCE_MS } from '../worlds/patience.ts';

/** The clusters of the console, and the dialog that connects one. */
export class ConnectPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly next: Locator;
  readonly #person: Person;

  constructor(page: Page, person: Person) {
    this.page = page;
    this.#person = person;
    this.dialog = page.getByTestId('connect-dialog');
    this.next = this.dialog.getByTestId('connect-next');
  }

  row(cluster: string): Locator {
    return this.page.locator(`[data-testid="cluster-row"][data-id="${cluster}"]`);
  }

  /** A line of the preflight. */
  line(check: string): Locator {
    return this.dialog.locator(`[data-testid="preflight-line"][data-check="${check}"]`);
  }

  /** Opens the dialog, pastes a kubeconfig, and has it read. */
  async paste(kubeconfig: string): Promise<void> {
    await this.#person.go('Connect');
    await this.#person.press(this.page.getByTestId('connect-open'));
    await this.#person.fill(this.dialog.getByTestId('kubeconfig-text'), kubeconfig);
    await this.#person.press(this.next);
  }

  /** Has the cluster looked at, once its kubeconfig was read. */
  async look(options: { readonly readOnly?: boolean } = {}): Promise<void> {
    if (options.readOnly === true) await this.#person.check(this.dialog.getByTestId('connect-read-only'));
    await expect(this.next).toHaveText('Run the preflight');
    await this.#person.press(this.next);
    await expect(this.dialog.getByTestId('preflight-count')).toBeVisible({ timeout: PATIENCE_MS });
  }

  /** From the pasted kubeconfig to a connected cluster. */
  async connect(kubeconfig: string, options: { readonly readOnly?: boolean } = {}): Promise<void> {
    await this.paste(kubeconfig);
    await this.look(options);
    await this.confirm();
  }

  /** Connects what was looked at. */
  async confirm(): Promise<void> {
    await expect(this.next).toHaveText('Connect');
    await this.#person.press(this.next);
    await expect(this.dialog).toHaveCount(0, { timeout: PATIENCE_MS });
  }

  async expectConnected(cluster: string): Promise<void> {
    await expect(this.row(cluster)).toContainText('connected', { timeout: PATIENCE_MS });
    await expect(this.row(cluster)).toContainText('Kubernetes v');
  }

  /** Disconnects a cluster. Gives what the console says of it. */
  async disconnect(cluster: string): Promise<string> {
    await this.#person.go('Connect');
    await this.#person.press(this.row(cluster).getByTestId('disconnect-open'));
    const leaving = this.page.getByTestId('disconnect-dialog');
    await this.#person.press(leaving.getByTestId('disconnect-confirm'));
    await expect(leaving.getByTestId('disconnect-close')).toBeVisible();
    const said = await leaving.innerText();
    await this.#person.press(leaving.getByTestId('disconnect-close'));
    await expect(this.row(cluster)).toHaveCount(0);
    return said;
  }
}
