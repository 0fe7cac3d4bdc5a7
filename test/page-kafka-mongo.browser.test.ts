/** The heart of the page once more, on Kafka and MongoDB: a gateway, two processors and two projectors. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { measureClicks, watchAPurchase } from './browser/shop-journey.ts';
import { tell } from './browser/visit.ts';
import { Cluster } from './e2e/cluster.ts';

const missing = [browserMissing, inject('kafkaMissing'), inject('mongoMissing')]
  .filter((reason) => reason !== '')
  .join('; ');

describe.skipIf(missing)(`the page on Kafka and MongoDB ${missing}`, () => {
  let browser: Browser;
  let cluster: Cluster;

  beforeAll(async () => {
    [browser, cluster] = await Promise.all([
      launch(),
      Cluster.start({ brokers: inject('kafkaBrokers'), mongoUrl: inject('mongoUrl') }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  });

  it('shows each step of a purchase, from the click to confirmed', async () => {
    await watchAPurchase(browser, cluster.gateway, 'k');
  });

  it('says how long it takes from the click to confirmed', async () => {
    const p50 = await measureClicks(browser, cluster.gateway, 'k');
    tell(`click to confirmed on the page, Kafka and MongoDB: p50 ${p50} ms`);
    expect(p50).toBeGreaterThan(0);
  });
});
