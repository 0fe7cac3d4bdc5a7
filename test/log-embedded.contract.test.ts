/** The embedded log against the port's contract, and what it alone has: turns for others, readers beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { countingProcess } from './children/counting-process.ts';
import { eventLogContract } from './log-contract/index.ts';
import { counting, embeddedFolder, numbered, topics } from './log-embedded.folder.ts';

let contractDir = '';
eventLogContract('embedded', {
  async start() {
    contractDir = await mkdtemp(join(tmpdir(), 'counterfoil-log-'));
  },
  open: () => openEmbeddedLog({ dir: contractDir }),
  childEnvironment: () => ({ LOG_MODULE: './open-embedded.ts', LOG_DIR: contractDir }),
  stop: () => rm(contractDir, { recursive: true, force: true }),
});

describe('embedded log', { timeout: 60_000 }, () => {
  const folder = embeddedFolder();

  describe('shares the event loop', () => {
    it.each(['follower', 'processor'])('lets others have their turn while a %s reads a long history', async (kind) => {
      const log = await folder.open();
      const states = numbered(60_000).map((record, i) => ({ ...record, topic: 'state', key: `k${i}` }));
      await log.append(states);
      let turns = 0;
      let counting = true;
      const turn = () => {
        turns++;
        if (counting) setImmediate(turn);
      };
      setImmediate(turn);
      const running =
        kind === 'follower'
          ? await log.follow({ name: 'f', topics: ['state'], from: 'beginning', onBatch: () => undefined })
          : await log.process(countingProcess('p', topics));
      // From here on it goes by itself; what it has read in this turn does not count.
      turns = 0;
      await running.caughtUp();
      counting = false;
      expect(turns).toBeGreaterThan(1);
    });
  });

  describe('can be read beside its owner', () => {
    it('shows another process the records, ends and positions, and refuses its appends', async () => {
      const log = await folder.open();
      await log.append(numbered(10));
      const running = await log.process(countingProcess('p', topics));
      await running.caughtUp();
      const { out, errors } = await folder.child('read-beside.ts', ['commands', 'p'], { LOG_READ_ONLY: 'true' });
      expect(JSON.parse(out || `"${errors}"`)).toEqual({
        values: ['0', '2', '4', '6', '8', '1', '3', '5', '7', '9'],
        ends: await log.ends(['commands']),
        committed: await log.committed(counting),
        refusal: expect.stringMatching(/LogUnavailable: .*for reading only/),
      });
      await log.append(numbered(2));
      expect((await log.ends(['commands'])).map((each) => each.offset)).toEqual([6, 6]);
    });

    it('says so when there is nothing to read', async () => {
      await expect(openEmbeddedLog({ dir: join(folder.dir, 'none'), readOnly: true })).rejects.toThrow(/no log in/);
    });
  });
});
