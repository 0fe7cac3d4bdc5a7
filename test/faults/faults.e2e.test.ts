/** A short fault run on each pair of engines; `npm run test:faults` has the long ones. Each says its seed, to be repeated. */
import { describe, expect, it } from 'vitest';
import { kafkaMissing } from '../engines/kafka.ts';
import { CHECK_NAMES } from './checker/index.ts';
import { printed } from './report.ts';
import { type Engines, type RunOptions, run } from './run.ts';

/** These runs kill brokers, so they start their own, which takes Java and, once, Maven. */
const missing = await kafkaMissing();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

const LIMIT_MS = 600_000;
const NOTHING_WRONG = Object.fromEntries(CHECK_NAMES.map((name) => [name, []]));

async function promisesHold(engines: Engines, options: Pick<RunOptions, 'seconds' | 'kills'>): Promise<void> {
  const seed = Date.now() % 1_000_000;
  const lines: string[] = [];
  try {
    const result = await run({ engines, seed, ...options, print: (line) => lines.push(line) });
    lines.push(printed(result.figures, result.violations));
    expect(result.violations).toEqual(NOTHING_WRONG);
    expect(result.figures.crashes).toEqual([]);
    expect(result.figures.acknowledged).toBeGreaterThan(100);
    expect(Object.keys(result.figures.faults).length).toBeGreaterThan(2);
    await result.clear();
  } finally {
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

describe('every promise holds, whatever dies', () => {
  it.skipIf(missing !== undefined)(
    'on three brokers and three mongods',
    () => promisesHold('cluster', { seconds: 90 }),
    LIMIT_MS,
  );

  it('on the embedded engines', () => promisesHold('embedded', { seconds: 30, kills: 8 }), LIMIT_MS);
});
