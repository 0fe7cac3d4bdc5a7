/** A topic that was deleted is told from one that is new, and not made anew behind everyone's back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { LogMisconfigured } from '../log/event-log.ts';
import { mustNotBeLost, prepareTopics, type Topics } from '../operations/prepare-topics.ts';
import { lossOf, mayBeMadeAnew, topicSpecs } from '../records/topics.ts';

const lossOfOne = (missing: readonly string[], withRecords: readonly string[]) =>
  lossOf(new Set(missing), new Set(withRecords));

describe('topics that are missing', () => {
  it('are new where nothing beside them has records', () => {
    const all = topicSpecs(1).map(({ name }) => name);
    expect(lossOfOne(all, [])).toEqual([]);
    const webhooks = all.filter((name) => /^(webhooks|deliveries)\./.test(name));
    expect(
      lossOfOne(
        webhooks,
        all.filter((name) => !webhooks.includes(name)),
      ),
    ).toEqual([]);
  });

  it.each([
    ['products.events', 'products.commands'],
    ['products.commands', 'products.events'],
    ['products.state', 'products.events'],
    ['products.positions', 'products.commands'],
    ['products.allocations', 'products.events'],
    ['keys.uses', 'keys.commands'],
    ['deliveries.state', 'deliveries.commands'],
    ['transactions', 'customers.commands'],
    ['subject-keys', 'customers.commands'],
  ])('are lost: %s beside %s', (topic, beside) => {
    expect(lossOfOne([topic], [beside])).toEqual([topic]);
    expect(lossOfOne([topic], [])).toEqual([]);
  });

  it('are made anew where they hold nothing that cannot be told again', () => {
    const all = topicSpecs(1).map(({ name }) => name);
    const again = all.filter((name) => name.endsWith('.dead') || name.endsWith('.deadlines') || name === 'processes');
    expect(
      lossOfOne(
        again,
        all.filter((name) => !again.includes(name)),
      ),
    ).toEqual([]);
  });
});

describe('a start', () => {
  it('makes what is new, and refuses to make anew what was deleted', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'counterfoil-lost-'));
    const log = await openEmbeddedLog({ dir });
    const specs = topicSpecs(1);
    try {
      await log.createTopics(specs.filter(({ name }) => !/^(webhooks|products)\./.test(name)));
      const created = await prepareTopics(log, { partitions: 1 });
      expect(created).toContain('webhooks.events');
      const record = { topic: 'products.commands', partition: 0, key: 'p', value: '{}', headers: {} };
      await log.append([record]);
      expect(await prepareTopics(log, { partitions: 1 })).toEqual([]);
      const without: Topics = {
        missingTopics: async () => ['products.events'],
        ends: (topics) => log.ends(topics),
        createTopics: (given) => log.createTopics(given),
        checkTopics: (given) => log.checkTopics(given),
      };
      const refused = prepareTopics(without, { partitions: 1 });
      await expect(refused).rejects.toBeInstanceOf(LogMisconfigured);
      await expect(refused).rejects.toThrow(
        /^topic products\.events is missing, though others .* counterfoil topics create --accept-loss$/,
      );
      const state = { ...without, missingTopics: async () => ['products.events', 'products.state'] };
      await expect(prepareTopics(state, { partitions: 1 })).rejects.toThrow(
        /^topics products\.events, products\.state are missing, .* nothing can go on without it/,
      );
      await mustNotBeLost(without, specs, { except: mayBeMadeAnew });
      await expect(mustNotBeLost(state, specs, { except: mayBeMadeAnew })).rejects.toThrow(/^topic products\.state is/);
    } finally {
      await log.close();
      await rm(dir, { recursive: true });
    }
  });
});
