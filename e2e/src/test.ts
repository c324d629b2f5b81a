import { expect, test as base, type Page } from '@playwright/test';
import { KeyboardPerson } from './hands/keyboard.ts';
import { MousePerson } from './hands/mouse.ts';
import type { Hands, Person } from './hands/person.ts';
import { MapPage } from './pages/map-page.ts';
import { ReviewPage } from './pages/review-page.ts';
import { SAMPLE } from './sample.ts';
import type { Stack } from './stack.ts';
import { WORLD } from './worlds/chosen.ts';
import { PATIENCE_MS } from './worlds/patience.ts';

const WHOLE_TIMEOUT_MS = 3 * PATIENCE_MS;
/** Of a stack's start, until all of it is connected and every tunnel up. */
const START_TIMEOUT_MS = WHOLE_TIMEOUT_MS + PATIENCE_MS + 120_000;

/** What a person's browser said that it should not have. */
export interface Complaints {
  readonly all: readonly string[];
}

interface Fixtures {
  readonly signedIn: Page;
  readonly map: MapPage;
  readonly review: ReviewPage;
  readonly complaints: Complaints;
  readonly hands: Hands;
  readonly person: Person;
}

/** Tests over one stack for the worker, in the world that was chosen, each signed in by a one-time link of its own. */
export const test = base.extend<Fixtures, { readonly stack: Stack }>({
  stack: [
    async ({ browser }, use) => {
      const stack = await WORLD.start();
      try {
        await WORLD.begin(stack, browser);
        await expectWhole(stack);
        await use(stack);
      } finally {
        await stack[Symbol.asyncDispose]();
      }
    },
    { scope: 'worker', timeout: START_TIMEOUT_MS },
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
  hands: ['mouse', { option: true }],
  person: async ({ signedIn, hands }, use) => {
    const map = new MapPage(signedIn);
    if (hands === 'mouse') return use(new MousePerson(signedIn, map));
    await countPointer(signedIn);
    await use(new KeyboardPerson(signedIn, map));
    expect(await pointerEvents(signedIn), 'events of a pointer').toBe(0);
  },
  review: async ({ signedIn, person }, use) => {
    await use(new ReviewPage(signedIn, person));
  },
});

/** Tests that are gone through by mouse, and again by keyboard alone. */
export function byMouseAndKeyboard(tests: () => void): void {
  for (const hands of ['mouse', 'keyboard'] as const)
    test.describe(`by ${hands}`, () => {
      test.use({ hands });
      tests();
    });
}

/** Waits until every verdict is known and no packet disagrees: tunnels come up a moment after the console does. */
async function expectWhole(stack: Stack): Promise<void> {
  const deadlineMs = Date.now() + WHOLE_TIMEOUT_MS;
  for (;;) {
    const probed = await stack.flatland('probe');
    if (probed.exitCode === 0) return;
    if (Date.now() > deadlineMs)
      throw new Error(`the sample does not come up:\n${probed.stdout}${probed.stderr}`);
  }
}

/** Counts what a pointer does on a page, from now on and after each load. */
async function countPointer(page: Page): Promise<void> {
  const count = () => {
    const counting = window as unknown as { pointerEvents?: number };
    counting.pointerEvents = 0;
    for (const type of ['pointerdown', 'pointermove', 'wheel'])
      window.addEventListener(type, () => (counting.pointerEvents = (counting.pointerEvents ?? 0) + 1), true);
  };
  await page.addInitScript(count);
  await page.evaluate(count);
}

function pointerEvents(page: Page): Promise<number | undefined> {
  return page.evaluate(() => (window as unknown as { pointerEvents?: number }).pointerEvents);
}

export { expect, SAMPLE, WORLD };
