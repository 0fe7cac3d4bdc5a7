/** What is seen of a process from outside: its memory, and every queue that it tells of at `/metrics`. */
import { memoryOf } from '../rigs/child.ts';
import { type Allowance, HEAP, QUEUE, RESIDENT } from './flat.ts';

/** A process that is watched. */
export interface Watched {
  /** Its role, with a number where there are several. */
  readonly name: string;
  readonly pid: number;
  /** Of its gateway or its probes. */
  readonly url: string;
}

export interface Series {
  readonly process: string;
  readonly what: string;
  readonly unit: 'MB' | 'items';
  /** Undefined: it is told, not judged. */
  readonly allowance: Allowance | undefined;
  readonly samples: number[];
}

/** Gauges of what waits; each label's value is a series of its own, partitions taken together. */
const QUEUES = /^counterfoil_(queue_items|queue_bytes|partition_lag_records|unread_answer_bytes)(?:\{(.*)\})? (\S+)$/;
/** What memory of its own is made of; all but the heap in use is told, so that growth can be laid to one of them. */
const PARTS: Readonly<Record<string, { readonly what: string; readonly allowance?: Allowance } | undefined>> = {
  nodejs_heap_size_used_bytes: { what: 'heap in use', allowance: HEAP },
  nodejs_heap_size_total_bytes: { what: 'heap held' },
  nodejs_external_memory_bytes: { what: 'buffers and other memory that objects of the heap hold' },
};
const LABEL = /(\w+)="([^"]*)"/g;
const APART = ['part', 'queue'];
const MB = 1024 * 1024;

export class Samples {
  readonly #series = new Map<string, Series>();
  /** Scrapes that failed: a process that does not answer is not flat. */
  missed = 0;

  get all(): readonly Series[] {
    return [...this.#series.values()];
  }

  async take(watched: readonly Watched[]): Promise<void> {
    await Promise.all(watched.map((each) => this.#takeOne(each)));
  }

  async #takeOne({ name, pid, url }: Watched): Promise<void> {
    try {
      const { ownMb, mappedMb } = await memoryOf(pid);
      this.#add(name, 'memory of its own (RssAnon)', 'MB', RESIDENT, ownMb);
      // Pages of files that are mapped: the kernel takes them back when it wants them.
      this.#add(name, 'mapped files (RssFile)', 'MB', undefined, mappedMb);
      const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(30_000) });
      this.#takeMetrics(name, await answer.text());
    } catch {
      this.missed += 1;
    }
  }

  #takeMetrics(process: string, text: string): void {
    const waiting = new Map<string, number>();
    for (const line of text.split('\n')) {
      const [, part = '', bytes] = /^(nodejs_\w+_bytes) (\S+)/.exec(line) ?? [];
      const told = PARTS[part];
      if (told !== undefined) this.#add(process, told.what, 'MB', told.allowance, Number(bytes) / MB);
      const [, gauge, labels = '', value] = QUEUES.exec(line) ?? [];
      if (gauge === undefined) continue;
      const apart = [...labels.matchAll(LABEL)].flatMap(([, label = '', text = '']) =>
        APART.includes(label) ? [text] : [],
      );
      const what = [gauge, ...apart].join(' ');
      waiting.set(what, (waiting.get(what) ?? 0) + Number(value));
    }
    for (const [what, value] of waiting) {
      const bytes = what.includes('_bytes');
      this.#add(process, what, bytes ? 'MB' : 'items', bytes ? RESIDENT : QUEUE, bytes ? value / MB : value);
    }
  }

  #add(process: string, what: string, unit: Series['unit'], allowance: Allowance | undefined, value: number): void {
    const key = `${process}: ${what}`;
    const series = this.#series.get(key) ?? { process, what, unit, allowance, samples: [] };
    this.#series.set(key, series);
    series.samples.push(value);
  }
}
