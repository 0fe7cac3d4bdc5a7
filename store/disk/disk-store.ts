/**
 * One store on disk. What is put is held in memory for a moment and written with the next point: a state that changes with
 * every command is written once a second. A process that is killed in between leaves the store as the last write did.
 */
import type { PartitionStore, StoreRange } from '../partition-store.ts';

/** What a store asks of the disk. Its failures are told as `StoreFailed`. */
export interface Disk {
  get(key: string): string | undefined;
  range(from: string, below: string, most: number): readonly (readonly [key: string, value: string])[];
  /** All of it, or nothing. null: remove. */
  write(entries: readonly (readonly [key: string, value: string | null])[]): void;
  clear(reason: string): void;
}

const POINT = 'point';
/** A write of so many takes a few ms, during which the event loop waits. */
const MOST_HELD = 1000;
const MOST_HELD_CHARACTERS = 2_000_000;
const HELD_MS = 1000;

export class DiskStore implements PartitionStore {
  readonly #disk: Disk;
  readonly #onClose: () => void;
  /** What is put and not written yet; null: removed. */
  readonly #held = new Map<string, string | null>();
  #characters = 0;
  /** Since the last `save`, nothing was put. */
  #whole = true;
  #point: (() => string) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(disk: Disk, onClose: () => void) {
    this.#disk = disk;
    this.#onClose = onClose;
  }

  get saved(): string | undefined {
    return this.#disk.get(POINT);
  }

  get(table: string, key: string): string | undefined {
    const name = `${table}/${key}`;
    const held = this.#held.get(name);
    return held === undefined ? this.#disk.get(name) : (held ?? undefined);
  }

  put(table: string, key: string, value: string): void {
    this.#whole = false;
    this.#hold(`${table}/${key}`, value);
  }

  remove(table: string, key: string): void {
    this.#whole = false;
    this.#hold(`${table}/${key}`, null);
  }

  putAside(table: string, key: string, value: string | undefined): void {
    this.#hold(`${table}/${key}`, value ?? null);
  }

  #hold(name: string, value: string | null): void {
    this.#held.set(name, value);
    this.#characters += name.length + (value?.length ?? 0);
  }

  range(table: string, { from = '', below, most }: StoreRange): readonly (readonly [string, string])[] {
    this.#write();
    // '0' is the character behind '/': up to there stand the keys of this table.
    const end = below === undefined ? `${table}0` : `${table}/${below}`;
    const found = this.#disk.range(`${table}/${from}`, end, most);
    return found.map(([key, value]) => [key.slice(table.length + 1), value]);
  }

  save(point: () => string): void {
    this.#point = point;
    this.#whole = true;
    if (this.#held.size >= MOST_HELD || this.#characters >= MOST_HELD_CHARACTERS) this.#write();
    else this.#timer ??= setTimeout(() => this.#writeInTime(), HELD_MS).unref();
  }

  spill(): void {
    this.#write();
  }

  wipe(reason: string): void {
    this.#forget();
    this.#point = undefined;
    this.#whole = true;
    this.#disk.clear(reason);
  }

  close(): void {
    this.#writeInTime();
    this.#onClose();
  }

  /** Only between steps. What cannot be written has been told by the disk; whoever uses the store next will meet it. */
  #writeInTime(): void {
    this.#timer = undefined;
    if (!this.#whole) return;
    try {
      this.#write();
    } catch {
      this.#forget();
    }
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const point = this.#whole ? this.#point : undefined;
    if (this.#held.size === 0 && point === undefined) return;
    // In the order of the keys: neighbours share a page, which is then copied once.
    const entries: [string, string | null][] = [...this.#held].sort(([one], [other]) => (one < other ? -1 : 1));
    if (point !== undefined) entries.push([POINT, point()]);
    this.#disk.write(entries);
    this.#forget();
    this.#point = undefined;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.clear();
    this.#characters = 0;
  }
}
