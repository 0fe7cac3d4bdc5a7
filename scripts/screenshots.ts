/**
 * Takes the README's pictures: starts a server of its own with the Northwind orders in it, looks around in Chromium, and
 * writes docs/pictures/overview-light.png and docs/pictures/purchases-dark.png. `node --import tsx scripts/screenshots.ts`
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launch } from '../test/browser/chromium.ts';
import { fillBasket, placeButton, untilNewest } from '../test/browser/visit.ts';
import { type Server, startServer } from '../test/e2e/server.ts';

const PICTURES = join(import.meta.dirname, '../docs/pictures');
const VIEW = { viewport: { width: 1360, height: 850 }, deviceScaleFactor: 1.5, locale: 'en-GB', timezoneId: 'UTC' };

async function loadNorthwind(server: Server): Promise<void> {
  await server.graphql('mutation { loadSamples { running } }');
  for await (const answer of server.client().iterate<{ sampleImport: { running: boolean; error: string | null } }>({
    query: 'subscription { sampleImport { running error } }',
  })) {
    const state = answer.data?.sampleImport;
    if (state?.error) throw new Error(state.error);
    if (state?.running === false) return;
  }
}

/** Some purchases of today, so that the counterfoils and the last hour have something to show. */
async function trade(browser: Browser, server: Server, theme: 'light' | 'dark') {
  const context = await browser.newContext({ ...VIEW, colorScheme: theme });
  const page = await context.newPage();
  await page.goto(`${server.url}/shop`);
  await fillBasket(page, 'Paula Wilson', [
    ['Chai', 12],
    ['Tofu', 6],
  ]);
  await placeButton(page).click();
  await untilNewest(page, 'completed');
  await fillBasket(page, 'Maria Larsson', [
    ['Konbu', 400],
    ['Ipoh Coffee', 2],
  ]);
  await placeButton(page).click();
  await untilNewest(page, 'rejected');
  await fillBasket(page, 'Horst Kloss', [
    ['Camembert Pierrot', 4],
    ['Côte de Blaye', 1],
    ['Pavlova', 10],
  ]);
  await placeButton(page).click();
  await untilNewest(page, 'completed');
  return page;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-pictures-'));
  const [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
  try {
    await mkdir(PICTURES, { recursive: true });
    await loadNorthwind(server);

    const light = await trade(browser, server, 'light');
    await light.getByRole('link', { name: 'Overview' }).click();
    await light.getByRole('radio', { name: 'All time' }).check();
    await light.locator('.recharts-area-curve').waitFor();
    await light.getByText('Not enough stock').waitFor();
    await light.mouse.move(0, 0);
    await light.screenshot({ path: join(PICTURES, 'overview-light.png'), animations: 'disabled' });

    const dark = await trade(browser, server, 'dark');
    await dark.locator('.tray > ol > li').first().getByRole('link').click();
    await dark.locator('.timeline li.good').waitFor();
    await dark.getByLabel('Search purchases').fill('que ch');
    await dark.locator('mark').first().waitFor();
    await dark.locator('body').click({ position: { x: 1, y: 1 } });
    await dark.screenshot({ path: join(PICTURES, 'purchases-dark.png'), animations: 'disabled' });
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
