/**
 * The way back: a log whose followers and readers find personal texts open. What has lost its key stays sealed, and those who
 * read know by that that it was erased. What was never sealed and is of somebody who was erased looks the same. Processors are given everything as it stands: they look into nothing that is sealed.
 */
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { holdsErased, withoutErased } from './never-sealed.ts';
import { keyNameOf, mapSealed, openText } from './sealed-text.ts';
import type { SubjectKeys } from './subject-keys.ts';

/** In the JSON of every sealed text. */
const MARK = Buffer.from('"sealed":"');

export function openedLog(log: EventLog, keys: Pick<SubjectKeys, 'settle' | 'ring'>): EventLog {
  const isNotShownAsIs = (record: LogRecord) => isSealedIn(record) || holdsErased(record, keys.ring.erasedIds);
  return {
    append: (records) => log.append(records),
    process: (options) => log.process(options),
    follow: (options) =>
      log.follow({
        ...options,
        onBatch: (batch) =>
          batch.records.some(isNotShownAsIs)
            ? opened(batch.records, keys).then((records) => options.onBatch({ ...batch, records }))
            : options.onBatch(batch),
      }),
    async *read(place, from): AsyncIterable<readonly LogRecord[]> {
      for await (const records of log.read(place, from)) {
        yield records.some(isNotShownAsIs) ? await opened(records, keys) : records;
      }
    },
    async recordsAt(positions) {
      const records = await log.recordsAt(positions);
      const found = records.filter((record) => record !== undefined);
      if (!found.some(isNotShownAsIs)) return records;
      const plain = (await opened(found, keys)).values();
      return records.map((record) => (record === undefined ? undefined : plain.next().value));
    },
    ends: (topics) => log.ends(topics),
    committed: (processor) => log.committed(processor),
    identity: () => log.identity(),
    missingTopics: (names) => log.missingTopics(names),
    createTopics: (specs) => log.createTopics(specs),
    checkTopics: (specs) => log.checkTopics(specs),
    close: () => log.close(),
  };
}

function isSealedIn({ value }: LogRecord): boolean {
  return value?.includes(MARK) === true;
}

async function opened(
  records: readonly LogRecord[],
  keys: Pick<SubjectKeys, 'settle' | 'ring'>,
): Promise<readonly LogRecord[]> {
  const parsed = new Map<LogRecord, unknown>();
  const names = new Set<string>();
  for (const record of records) {
    if (!isSealedIn(record) && !holdsErased(record, keys.ring.erasedIds)) continue;
    const json = parsedOf(record);
    parsed.set(record, json);
    mapSealed(json, (sealed) => names.add(keyNameOf(sealed)));
  }
  await keys.settle(names);
  return records.map((record) => {
    const json = parsed.get(record);
    if (json === undefined) return record;
    const opened = mapSealed(json, (sealed, field) => {
      const key = keys.ring.key(keyNameOf(sealed));
      return (key && openText(sealed, key, field)) ?? sealed;
    });
    const plain = withoutErased(record, opened, keys.ring.erasedIds);
    // Not spread: the record of a lazy follower has its parts from its class.
    const { topic, partition, offset, key: recordKey, headers, timestamp } = record;
    const value = Buffer.from(JSON.stringify(plain));
    return { topic, partition, offset, key: recordKey, value, headers, timestamp };
  });
}

/** Undefined: it is no JSON, and whoever reads it finds that out. */
function parsedOf({ value }: LogRecord): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}
