/** The dead letters as the console shows them: read again when the log has more of them, and not otherwise. */
import type { EventLog } from '../log/event-log.ts';
import { deadTopic, TOPICS_WITH_DEAD } from '../records/topics.ts';
import { type DeadLetter, drop, readDeadLetters, retry } from './dead-letters.ts';

/** Bytes of a record that are shown. */
const SHOWN_BYTES = 16_384;
/** So many of the newest are held in memory; all are counted. Who has more uses `counterfoil dead`. */
const MOST_HELD = 10_000;

export interface DeadLetters {
  readonly letters: readonly DeadLetter[];
  readonly count: number;
}

export class DeadLetterList {
  readonly #log: EventLog;
  #read: { readonly ends: string; readonly found: Promise<DeadLetters> } | undefined;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Those that are not settled, the newest first. @throws {LogUnavailable} */
  async all(): Promise<DeadLetters> {
    const ends = (await this.#log.ends(TOPICS_WITH_DEAD.map(deadTopic))).map(({ offset }) => offset).join();
    if (this.#read?.ends !== ends) {
      const read = { ends, found: this.#readAll() };
      this.#read = read;
      read.found.catch(() => {
        if (this.#read === read) this.#read = undefined;
      });
    }
    return await this.#read.found;
  }

  /** One as it stands on the log, whole; undefined: there is none, or it is settled. */
  async one(topic: string, key: string): Promise<DeadLetter | undefined> {
    if (!TOPICS_WITH_DEAD.includes(topic)) return undefined;
    return (await readDeadLetters(this.#log, [topic])).find((letter) => letter.key === key);
  }

  /** @throws {CannotRetry} {LogUnavailable} */
  async retry(letter: DeadLetter): Promise<void> {
    await retry(this.#log, [letter]);
  }

  /** @throws {LogUnavailable} */
  async drop(letter: DeadLetter): Promise<void> {
    await drop(this.#log, [letter]);
  }

  async #readAll(): Promise<DeadLetters> {
    const all = await readDeadLetters(this.#log);
    const letters = all.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_HELD);
    return { letters: letters.map(shortened), count: all.length };
  }
}

/** With the beginning of its value alone, in bytes of its own: those that it came in are let go of. */
function shortened(letter: DeadLetter): DeadLetter {
  const { value } = letter.record;
  if (value === null) return letter;
  return { ...letter, record: { ...letter.record, value: Buffer.from(value.subarray(0, SHOWN_BYTES)) } };
}
