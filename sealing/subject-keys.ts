/** What one process knows of the keys of subjects, and how it gets a new one: on the log before anything is sealed with it. */
import { randomBytes } from 'node:crypto';
import type { EventLog, Following, Position } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { nameOfSubject, subjectKeyRecord } from '../records/subject-key.ts';
import { SUBJECT_KEYS } from '../records/topics.ts';
import { KeyRing } from './key-ring.ts';
import { MasterKeyMissing, type MasterKeys } from './master-keys.ts';

const KEY_BYTES = 32;
const NAME_BYTES = 6;

/** A key that may be used now. */
export interface NamedKey {
  readonly name: string;
  readonly key: Buffer;
}

export interface SubjectKeysOptions {
  readonly log: EventLog;
  /** Partitions of every topic. */
  readonly partitions: number;
  /** Undefined: nothing can be sealed, opening fails, and only what is to be taken off the log is known. */
  readonly masters: MasterKeys | undefined;
}

export class SubjectKeys {
  readonly ring: KeyRing;
  readonly #options: SubjectKeysOptions;
  /** Reads the topic up to these ends. */
  readonly #readTo: (ends: readonly Position[]) => Promise<void>;
  /** By subject: keys that are being written. */
  readonly #creating = new Map<string, Promise<NamedKey>>();

  private constructor(
    options: SubjectKeysOptions,
    ring: KeyRing,
    readTo: (ends: readonly Position[]) => Promise<void>,
  ) {
    this.ring = ring;
    this.#options = options;
    this.#readTo = readTo;
  }

  /**
   * Follows the topic, so that an erasure counts at once; resolves when it has been read.
   * @param onRead called after each batch
   */
  static async follow(
    options: SubjectKeysOptions,
    onRead?: () => void,
  ): Promise<{ readonly keys: SubjectKeys; readonly following: Following }> {
    const ring = new KeyRing(options.masters);
    const following = await options.log.follow({
      name: SUBJECT_KEYS,
      topics: [SUBJECT_KEYS],
      from: 'beginning',
      onBatch({ records }) {
        for (const record of records) ring.take(record);
        onRead?.();
      },
    });
    try {
      const keys = new SubjectKeys(options, ring, (ends) => following.reached(ends));
      await keys.#catchUp();
      return { keys, following };
    } catch (error) {
      await following.stop();
      throw error;
    }
  }

  /** Reads the topic as it is now, and on when that is asked for: for those who read a log and go. */
  static async read(options: SubjectKeysOptions): Promise<SubjectKeys> {
    const ring = new KeyRing(options.masters);
    const next = new Map<number, number>();
    const keys = new SubjectKeys(options, ring, async (ends) => {
      for (const { topic, partition } of ends) {
        for await (const records of options.log.read({ topic, partition }, next.get(partition) ?? 0)) {
          for (const record of records) ring.take(record);
          const last = records.at(-1);
          if (last !== undefined) next.set(partition, last.offset + 1);
        }
      }
    });
    await keys.#catchUp();
    return keys;
  }

  /** @throws {MasterKeyMissing} when some of what is sealed could not be opened here */
  mustHaveMasters(): void {
    const missing = this.ring.missingMasters();
    if (missing.size > 0) throw new MasterKeyMissing(missing);
  }

  /**
   * Resolves when nothing more can be learnt of these keys: a key stands on the log before what it seals, so one that is not
   * there when the topic has been read to its end as of now is gone for ever.
   */
  async settle(names: Iterable<string>): Promise<void> {
    for (const name of names) if (!this.ring.settles(name)) return await this.#catchUp();
  }

  /**
   * The subject's key, or a new one that is on the log. Several gateways may each write one; all of them count.
   * For a subject that was erased: one that nobody will ever know. So too where there is none yet and none may be made.
   * @param mayMake whether a new one may be made, which stays on the log for ever; asked only where there is none
   * @throws {LogUnavailable} when a new one was not acknowledged
   */
  async of(subject: string, mayMake: () => Promise<boolean> = async () => true): Promise<NamedKey> {
    const subjectName = nameOfSubject(subject);
    const known = this.#known(subjectName);
    if (known !== undefined) return known;
    if (!(await mayMake())) {
      // Another gateway may have made one that has not been read here.
      await this.#catchUp();
      return this.#known(subjectName) ?? newKey(subjectName);
    }
    const creating = this.#creating.get(subject) ?? this.#create(subject, subjectName);
    this.#creating.set(subject, creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(subject);
    }
  }

  #known(subjectName: string): NamedKey | undefined {
    if (this.ring.isErased(subjectName)) return newKey(subjectName);
    for (const name of this.ring.keysOf(subjectName)) {
      const key = this.ring.key(name);
      if (key !== undefined) return { name, key };
    }
    return undefined;
  }

  async #create(subject: string, subjectName: string): Promise<NamedKey> {
    const { log, partitions, masters } = this.#options;
    if (masters === undefined) throw new Error('without a master key there is nothing to wrap a key with');
    const created = newKey(subjectName);
    const wrapped = masters.wrap(created.name, created.key);
    const written = { subject, source: '/gateway', at: new Date().toISOString() };
    const record = subjectKeyRecord(created.name, wrapped, written);
    await log.append([{ ...record, partition: partitionOf(subject, partitions) }]);
    this.ring.add(created.name, wrapped);
    return created;
  }

  async #catchUp(): Promise<void> {
    await this.#readTo(await this.#options.log.ends([SUBJECT_KEYS]));
  }
}

function newKey(subjectName: string): NamedKey {
  return { name: `${subjectName}.${randomBytes(NAME_BYTES).toString('base64url')}`, key: randomBytes(KEY_BYTES) };
}
