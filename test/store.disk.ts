/** A disk for one store, in memory, which outlives a process that is killed; and how a test looks into it. */
import { type Disk, DiskStore } from '../store/disk/disk-store.ts';

export class TestDisk implements Disk {
  /** What has been written. */
  entries = new Map<string, string>();
  /** How often it was emptied, and why. */
  readonly cleared: string[] = [];
  /** What the next writes fail with. */
  failure: Error | undefined;

  get(key: string): string | undefined {
    return this.entries.get(key);
  }

  range(from: string, below: string, most: number): readonly (readonly [string, string])[] {
    const found = [...this.entries].filter(([key]) => key >= from && key < below);
    return found.sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, most);
  }

  write(entries: readonly (readonly [string, string | null])[]): void {
    if (this.failure !== undefined) throw this.failure;
    for (const [key, value] of entries) {
      if (value === null) this.entries.delete(key);
      else this.entries.set(key, value);
    }
  }

  clear(reason: string): void {
    if (this.entries.size > 0) this.cleared.push(reason);
    this.entries.clear();
  }

  /** A store of a process that opens on this disk. */
  store(): DiskStore {
    return new DiskStore(this, () => undefined);
  }

  /** All that is kept, without the point. */
  kept(): Readonly<Record<string, string>> {
    const kept = [...this.entries].filter(([key]) => key !== 'point').sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(kept);
  }
}
