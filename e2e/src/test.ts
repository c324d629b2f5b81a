import { expect, test as base, type Page } from '@playwright/test';
import { MapPage } from './pages/map-page.ts';
import { ReviewPage } from './pages/review-page.ts';
import { startStack, type Stack } from './stack.ts';

/** Workloads of the sample, by short names. */
export const SAMPLE = {
  frontend: 'aws-east/shop/Deployment/frontend',
  cart: 'aws-east/shop/Deployment/cart',
  ledgerDb: 'aws-east/ledger/StatefulSet/ledger-db',
  catalog: 'gke-west/shop/Deployment/catalog',
  settlement: 'gke-west/ledger/Deployment/settlement',
  billing: 'gke-west/finance/Deployment/billing',
  reporting: 'onprem-fra/analytics/Deployment/reporting',
  inventory: 'onprem-fra/shop/Deployment/inventory',
  printServer: 'onprem-fra/legacy/Deployment/print-server',
  sandboxApi: 'onprem-fra/dev/Deployment/sandbox-api',
} as const;

/** What a person's browser said that it should not have. */
export interface Complaints {
  readonly all: readonly string[];
}

interface Fixtures {
  readonly signedIn: Page;
  readonly map: MapPage;
  readonly review: ReviewPage;
  readonly complaints: Complaints;
}

/** Tests over one real stack for the worker, each signed in by a one-time link of its own. */
export const test = base.extend<Fixtures, { readonly stack: Stack }>({
  stack: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const stack = await startStack();
      try {
        await use(stack);
      } finally {
        await stack[Symbol.asyncDispose]();
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  complaints: async ({ page }, use) => {
    const all: string[] = [];
    page.on('pageerror', (error) => all.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) all.push(message.text());
    });
    await use({ all });
    expect(all).toEqual([]);
  },
  signedIn: async ({ page, stack, complaints }, use) => {
    void complaints;
    const link = await stack.flatland('open', '--json');
    await page.goto((JSON.parse(link.stdout) as { url: string }).url);
    await use(page);
  },
  map: async ({ signedIn }, use) => {
    const map = new MapPage(signedIn);
    await map.ready();
    await use(map);
  },
  review: async ({ signedIn }, use) => {
    await use(new ReviewPage(signedIn));
  },
});

export { expect };
