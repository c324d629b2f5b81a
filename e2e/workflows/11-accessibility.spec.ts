import type { Page } from '@playwright/test';
import { axeFaults } from '../src/axe-faults.ts';
import { DIALOGS, PAGES, PANELS, type ConsoleView } from '../src/console-views.ts';
import { lookOfFocus } from '../src/look-of-focus.ts';
import { expect, SAMPLE, test } from '../src/test.ts';

test.describe.configure({ timeout: 360_000 });
test.skip(process.env['FLATLAND_DATAPATH'] === 'kernel', 'pages are the same on both datapaths');

for (const [kind, views] of Object.entries({ pages: PAGES, panels: PANELS, dialogs: DIALOGS }))
  test(`axe finds no fault in ${kind}, in both themes`, async ({ signedIn }) => {
    const found: string[] = [];
    for (const view of views) {
      await show(signedIn, view);
      found.push(...(await axeFaults(signedIn, view.name)));
    }
    expect(found).toEqual([]);
  });

test('axe finds no fault in what is staged, reviewed and applied, in both themes', async ({
  stack,
  review,
  signedIn,
  person,
}) => {
  const found: string[] = [];
  const look = async (name: string) => found.push(...(await axeFaults(signedIn, name)));
  await person.connect(`workload:${SAMPLE.reporting}`, 'domain:green');
  await review.expectStaged('1 staged change');
  await look('staged');
  await review.open();
  await expect(signedIn.getByTestId('yaml-diff')).toContainText('Membership');
  await look('review');
  await signedIn.getByRole('button', { name: 'Split' }).click();
  await look('review, split');
  await review.apply();
  await review.expectState('proved');
  await look('proved');
  await person.go('Activity');
  await person.openFirstRow('changes');
  await expect(signedIn.getByTestId('change-set-title')).toBeVisible();
  await look('change set in activity');
  expect(found).toEqual([]);
  expect((await stack.flatland('leave', 'reporting', 'green')).exitCode).toBe(0);
});

test('Tab goes through the whole console, and where it is can always be seen', async ({ signedIn }) => {
  const unseen: string[] = [];
  const walk = async (name: string) => {
    const stops = new Set<string>();
    for (;;) {
      await signedIn.keyboard.press('Tab');
      const stop = await signedIn.evaluate(lookOfFocus);
      if (stop === undefined || stops.has(stop.path)) break;
      stops.add(stop.path);
      unseen.push(...stop.faults.map((fault) => `${name}: ${stop.name} ${fault}`));
    }
    return stops.size;
  };
  await signedIn.getByTestId('connection').waitFor();
  expect(await walk('the frame')).toBeGreaterThan(20);
  for (const view of [...PAGES, ...PANELS].filter((candidate) => candidate.walked)) {
    await show(signedIn, view);
    await signedIn.keyboard.press('Tab');
    await expect(signedIn.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await signedIn.keyboard.press('Enter');
    expect(await walk(view.name), view.name).toBeGreaterThan(0);
  }
  expect(unseen).toEqual([]);
});

async function show(page: Page, view: ConsoleView): Promise<void> {
  await page.goto(new URL(page.url()).origin + view.path);
  await view.open?.(page);
  await expect(view.shows(page), view.name).toBeVisible();
}
