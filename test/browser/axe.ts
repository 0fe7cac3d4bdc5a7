/** What axe finds on a page against WCAG 2.2 AA. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** The page's own policy lets no script in but its own, so axe is evaluated as a debugger would. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is serious or critical, each with the first element it concerns. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  await page.evaluate(
    'document.getAnimations().forEach((animation) => animation.effect?.getTiming().iterations !== Infinity && animation.finish())',
  );
  const results = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** How much wider the page is than the screen, in CSS pixels. */
export async function widerThanScreen(page: Page): Promise<unknown> {
  return await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
