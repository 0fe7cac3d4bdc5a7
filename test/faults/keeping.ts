/**
 * Keeps the records of a long run in little memory: a text that comes again and again is kept once, and of a state or status
 * that a later one replaces only what the checks go by.
 */
import type { Entry } from './history.ts';

type Data = Entry['data'];

/** What checks look at in a record that is not the newest of its key; other topics are kept whole. */
const REPLACED: Readonly<Record<string, (data: Data) => Data>> = {
  'customers.state': () => null,
  'purchases.state': () => null,
  'products.state': ({ received, free, reserved, sold }) => ({ received, free, reserved, sold }),
  'products.allocations': () => null,
  transactions: ({ status, steps }) => statusOf(status, steps.length),
};

/** Many transactions go through the same few: one object each. */
const statuses = new Map<string, Data>();

function statusOf(status: string, steps: number): Data {
  const name = `${steps} ${status}`;
  const known = statuses.get(name) ?? { status, steps: { length: steps } };
  statuses.set(name, known);
  return known;
}

export class Keeping {
  readonly #texts = new Map<string, string>();
  readonly #newest = new Map<string, number>();
  #entries: Entry[] = [];

  /** A topic begins. */
  begin(): void {
    this.#entries = [];
    this.#newest.clear();
  }

  entries(): readonly Entry[] {
    return this.#entries;
  }

  /** In order of offset within each partition. */
  add(entry: Entry): void {
    const kept = this.#withSharedTexts(entry);
    const at = this.#entries.push(kept) - 1;
    const without = REPLACED[kept.topic];
    if (without === undefined || kept.foreign) return;
    const before = this.#newest.get(kept.key);
    this.#newest.set(kept.key, at);
    const replaced = before === undefined ? undefined : this.#entries[before];
    if (before === undefined || replaced === undefined || replaced.data === null) return;
    this.#entries[before] = { ...replaced, data: without(replaced.data) };
  }

  #withSharedTexts(entry: Entry): Entry {
    const { key, type, time, subject, issuedBy, transactionId, causationId } = entry;
    return {
      ...entry,
      ...{ key: this.#text(key), type: this.#text(type), time: this.#text(time), subject: this.#text(subject) },
      issuedBy: issuedBy === undefined ? undefined : this.#text(issuedBy),
      transactionId: transactionId === undefined ? undefined : this.#text(transactionId),
      causationId: causationId === undefined ? undefined : this.#text(causationId),
    };
  }

  #text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
