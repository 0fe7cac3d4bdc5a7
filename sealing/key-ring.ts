/**
 * What is known of the topic of keys, in memory: the wrapped keys of every subject, and who was erased. Packed, because there
 * is one of each customer: about 190 bytes for a key. Keys that were used lately are held unwrapped as well.
 */
import type { LogRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { type ReadSubjectKey, readSubjectKey, type SubjectKey, subjectNamedIn } from '../records/subject-key.ts';
import { MasterKeyMissing, type MasterKeys } from './master-keys.ts';

/** What `ring.take` found to be gone for ever. */
export interface Erased {
  readonly subject: string;
  readonly at: string;
}

const MOST_UNWRAPPED = 10_000;
/** Between what is packed: it is in no name, fingerprint or base64url. */
const [FIELD, KEY] = ['|', '\n'] as const;

export class KeyRing {
  readonly #masters: MasterKeys | undefined;
  /** By the subject's name: each key as what follows the name in its own, the master's fingerprint, and the wrapped key. */
  readonly #keys = new Map<string, string>();
  readonly #erased = new Map<string, Erased>();
  /** The ids of those who were erased: asked for each record, where a name would have to be hashed. */
  readonly #erasedIds = new Set<string>();
  /** The names of keys that stand on the log and whose subjects were erased. */
  readonly #left = new Map<string, Erased>();
  /** In the order of use. */
  readonly #unwrapped = new Map<string, Buffer>();

  constructor(masters: MasterKeys | undefined) {
    this.#masters = masters;
  }

  /** Takes in the next record of the topic. What is foreign there is passed over. */
  take(record: LogRecord): void {
    let read: ReadSubjectKey;
    try {
      read = readSubjectKey(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return;
    }
    const { subjectName } = read;
    if (read.is === 'erased') {
      const erased = { subject: read.subject, at: read.at };
      this.#erased.set(subjectName, erased);
      this.#erasedIds.add(read.subject);
      for (const name of this.keysOf(subjectName)) {
        this.#drop(name);
        this.#left.set(name, erased);
      }
    } else if (read.is === 'gone') {
      this.#remove(read.keyName);
    } else {
      this.add(read.keyName, read.key);
    }
  }

  /** Of an erased subject it is kept as well, so that it can be taken off the log; it opens nothing. */
  add(name: string, { master, wrapped }: SubjectKey): void {
    const subjectName = subjectNamedIn(name) ?? '';
    const known = this.#wrapped(name);
    if (known?.master === master && known.wrapped === wrapped) return;
    this.#remove(name);
    const erased = this.#erased.get(subjectName);
    if (erased !== undefined) this.#left.set(name, erased);
    const before = this.#keys.get(subjectName);
    const packed = `${name.slice(subjectName.length)}${FIELD}${master}${FIELD}${wrapped}`;
    this.#keys.set(subjectName, before === undefined ? packed : `${before}${KEY}${packed}`);
  }

  /** The names of the subject's keys that stand on the log, the oldest first. */
  keysOf(subjectName: string): readonly string[] {
    return (this.#keys.get(subjectName)?.split(KEY) ?? []).map((one) => `${subjectName}${one.split(FIELD)[0]}`);
  }

  isErased(subjectName: string): boolean {
    return this.#erased.has(subjectName);
  }

  /** The ids of those who were erased. */
  get erasedIds(): ReadonlySet<string> {
    return this.#erasedIds;
  }

  /** Those who were erased. */
  erased(): readonly Erased[] {
    return [...this.#erased.values()];
  }

  /** The keys on the log of those who were erased, by name. */
  get left(): ReadonlyMap<string, Erased> {
    return this.#left;
  }

  /** Whether nothing more can be learnt of the key: it is here, or it is gone for ever. */
  settles(name: string): boolean {
    const subjectName = subjectNamedIn(name);
    return subjectName === undefined || this.isErased(subjectName) || this.#wrapped(name) !== undefined;
  }

  /**
   * The key, unwrapped; undefined: it is not known, or it is gone.
   * @throws {MasterKeyMissing} also where there are no master keys at all: a text that stays sealed would count as erased
   */
  key(name: string): Buffer | undefined {
    const used = this.#unwrapped.get(name);
    if (used !== undefined) {
      this.#unwrapped.delete(name);
      this.#unwrapped.set(name, used);
      return used;
    }
    const wrapped = this.#wrapped(name);
    if (wrapped === undefined || this.isErased(subjectNamedIn(name) ?? '')) return undefined;
    if (this.#masters === undefined) throw new MasterKeyMissing([wrapped.master]);
    const key = this.#masters.unwrap(name, wrapped);
    this.#unwrapped.set(name, key);
    if (this.#unwrapped.size > MOST_UNWRAPPED) {
      const [oldest] = this.#unwrapped.keys();
      this.#drop(oldest ?? '');
    }
    return key;
  }

  /** The fingerprint of the master key that wrapped it. */
  wrappedBy(name: string): string | undefined {
    return this.#wrapped(name)?.master;
  }

  /** The fingerprints of master keys that keys on the log need and that are not given. */
  missingMasters(): ReadonlySet<string> {
    const missing = new Set<string>();
    for (const [subjectName, packed] of this.#keys) {
      if (this.isErased(subjectName)) continue;
      for (const one of packed.split(KEY)) {
        const [, master = ''] = one.split(FIELD);
        if (this.#masters?.knows(master) !== true) missing.add(master);
      }
    }
    return missing;
  }

  #wrapped(name: string): SubjectKey | undefined {
    const subjectName = subjectNamedIn(name) ?? '';
    const start = `${name.slice(subjectName.length)}${FIELD}`;
    const packed = this.#keys
      .get(subjectName)
      ?.split(KEY)
      .find((one) => one.startsWith(start));
    if (packed === undefined) return undefined;
    const [, master = '', wrapped = ''] = packed.split(FIELD);
    return { master, wrapped };
  }

  #remove(name: string): void {
    this.#drop(name);
    this.#left.delete(name);
    const subjectName = subjectNamedIn(name) ?? '';
    const start = `${name.slice(subjectName.length)}${FIELD}`;
    const left = (this.#keys.get(subjectName)?.split(KEY) ?? []).filter((one) => !one.startsWith(start));
    if (left.length === 0) this.#keys.delete(subjectName);
    else this.#keys.set(subjectName, left.join(KEY));
  }

  /** Forgets the unwrapped key, bytes and all. */
  #drop(name: string): void {
    this.#unwrapped.get(name)?.fill(0);
    this.#unwrapped.delete(name);
  }
}
