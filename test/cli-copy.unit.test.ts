/** What `counterfoil copy` says of the master key, which it does not copy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { masterKeyLeftOut } from '../cli/copy.ts';
import { newMasterKey } from '../sealing/master-keys.ts';
import { readConfiguration } from '../server/configuration.ts';

const to = readConfiguration({ DATA_DIR: '/elsewhere' });
const toKafka = readConfiguration({ KAFKA_BROKERS: 'localhost:9092', TOPIC_PREFIX: 'new.' });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'counterfoil-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a copy of a log with a master key in its folder', () => {
  it('tells that the key is not in the copy, and where to put it', () => {
    const file = join(folder, 'master.key');
    writeFileSync(file, newMasterKey());
    const source = readConfiguration({ DATA_DIR: folder });
    expect(masterKeyLeftOut(source, to)).toContain(`not in the copy: put ${file} into /elsewhere`);
    expect(masterKeyLeftOut(source, toKafka)).toContain(`MASTER_KEY_FILE name a copy of ${file}`);
  });

  it('says nothing where there is no such file, or another key is configured', () => {
    expect(masterKeyLeftOut(readConfiguration({ DATA_DIR: folder }), to)).toBe('');
    writeFileSync(join(folder, 'master.key'), newMasterKey());
    const configured = readConfiguration({ DATA_DIR: folder, MASTER_KEY: newMasterKey() });
    expect(masterKeyLeftOut(configured, to)).toBe('');
    expect(masterKeyLeftOut(toKafka, to)).toBe('');
  });
});
