/**
 * Fills the memory of the keys from `keys.uses`, and mends what is foreign there. A foreign record must not stop the
 * partition, and with it all mutations with a key; nor may the transaction be forgotten whose record it has replaced. That
 * record is made anew from the command and written again before the first step; where there is none, a tombstone.
 */
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { deadLetter } from '../records/dead-letter.ts';
import { isOwnTombstone, ownTombstone } from '../records/state-record.ts';
import { commandsTopic, KEYS } from '../records/topics.ts';
import { ForeignRecords, type FoundForeign, oneStepOf } from './foreign.ts';
import type { KeyMemory } from './key-memory.ts';
import { KeyReplay } from './key-replay.ts';
import { type KeyUse, keyUseRecord, readUse, SOURCE } from './key-use.ts';
import type { RestorePoint } from './restore-point.ts';

/** All transactions under keys have such an id (`transactions/ids.ts`): what stands under another key covers nothing. */
const TRANSACTION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One key of `keys.uses` whose record has to be written again. */
interface Mend {
  readonly foreign: FoundForeign | undefined;
  readonly use: KeyUse | undefined;
}

export class KeyRecovery {
  readonly #memory: KeyMemory;
  readonly #point: RestorePoint;
  readonly #partitions: number;
  readonly #foreign = new ForeignRecords<FoundForeign>();
  #found: readonly FoundForeign[] = [];
  #replay: KeyReplay | undefined;
  #mends: readonly Mend[] = [];

  constructor(memory: KeyMemory, point: RestorePoint, partitions: number) {
    this.#memory = memory;
    this.#point = point;
    this.#partitions = partitions;
  }

  /** Takes in a record of `keys.uses`, or of `keys.commands` when `restored` has asked for it. */
  restore(record: LogRecord): void {
    if (record.topic === commandsTopic(KEYS)) {
      this.#replay?.take(record);
      return;
    }
    if (this.#point.holds(record)) return;
    try {
      if (isOwnTombstone(record)) this.#memory.forget(record.key === null ? [] : [record.key]);
      else this.#memory.remember(readUse(record, this.#partitions));
      this.#foreign.covered(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      if (record.key !== null) this.#memory.forget([record.key]);
      this.#foreign.found({ record, reason: error.message });
    }
    this.#point.took(record, !this.#foreign.any);
  }

  /** Whether something that was found is still to be mended. */
  get mends(): boolean {
    return this.#mends.length > 0 || this.#foreign.any;
  }

  /**
   * Call it when all has been read. Returns the topics that must be read too before it is called again.
   * @param position all commands before it have been decided
   */
  restored(position: number, now: number): readonly string[] {
    if (this.#replay === undefined) {
      const doubt = this.#point.doubt();
      this.#found = this.#foreign.take();
      if (doubt !== undefined) return this.#point.again(doubt);
      if (this.#found.length > 0 && this.#point.continues) {
        return this.#point.again('records stand on the log that are not its own');
      }
      const keys = this.#found.flatMap(({ record: { key } }) =>
        key !== null && TRANSACTION_ID.test(key) ? [key] : [],
      );
      // The keys in a batch that cannot be opened are unknown: it may have replaced any transaction's record.
      const any = this.#found.some(({ record }) => record.unreadable !== undefined);
      if (any || keys.length > 0) {
        const around = { memory: this.#memory, partitions: this.#partitions, position, now };
        this.#replay = new KeyReplay({ ...around, needed: any ? 'all' : new Set(keys) });
        return [commandsTopic(KEYS)];
      }
    }
    this.#mendWith(this.#replay?.uses() ?? []);
    this.#replay = undefined;
    this.#found = [];
    this.#point.restored(position);
    if (!this.mends) this.#point.save();
    return [];
  }

  #mendWith(uses: readonly KeyUse[]): void {
    const others = new Map(uses.map((use) => [use.transactionId, use]));
    const found = this.#found.map((foreign): Mend => {
      const { key } = foreign.record;
      const use = key === null ? undefined : others.get(key);
      if (use !== undefined) others.delete(use.transactionId);
      return { foreign, use };
    });
    for (const use of uses) this.#memory.remember(use);
    this.#mends = [...found, ...[...others.values()].map((use): Mend => ({ foreign: undefined, use }))];
  }

  /** What one step writes again; none when all is mended. It is done with once `done` is told. */
  next(): readonly Mend[] {
    return oneStepOf(this.#mends, ({ foreign }) => foreign?.record);
  }

  done(mended: readonly Mend[]): void {
    this.#mends = this.#mends.slice(mended.length);
  }
}

/** The records that mend one key, and the dead letter of what stood under it. */
export function* mending({ foreign, use }: Mend, partition: number, at: string): Iterable<NewRecord> {
  if (use !== undefined) yield keyUseRecord(use, partition, at);
  if (foreign === undefined) return;
  const { record, reason } = foreign;
  const { topic, key } = record;
  if (use === undefined && key !== null) yield ownTombstone({ topic, partition, key }, SOURCE, at);
  if (getsDeadLetter(record)) yield deadLetter(record, reason, at, false);
}

/** Not so a tombstone without a type: earlier releases wrote such ones themselves. */
export function getsDeadLetter({ value, unreadable }: LogRecord): boolean {
  return value !== null || unreadable !== undefined;
}
