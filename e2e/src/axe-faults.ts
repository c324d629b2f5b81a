import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const WCAG_2_2_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];

/** What axe finds against WCAG 2.2 AA, a line for each element: everything in light, what a theme changes in dark. */
export async function axeFaults(page: Page, view: string): Promise<string[]> {
  const light = await new AxeBuilder({ page }).withTags(WCAG_2_2_AA).analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveClass(/dark/);
  const dark = await new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']).analyze();
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).not.toHaveClass(/dark/);
  return Object.entries({ light, dark }).flatMap(([theme, { violations, passes }]) => {
    expect(passes.length, `rules that axe looked at in ${view}`).toBeGreaterThan(0);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        (node) =>
          `${view}, ${theme}: ${id} at ${node.target.join(' ')}: ${node.failureSummary?.replaceAll(/\s+/g, ' ')}`,
      ),
    );
  });
}
