/** Runs a row: gives it engines, folders and sizes, measures its sides in turn, ends what it began, and keeps the result. */
import { Endings, type Engines } from './engines.ts';
import { load, machine, versions } from './machine.ts';
import { type ComparisonResult, isMet, type Result, ratiosOf } from './result.ts';
import { type Bench, type Comparison, LeftOut, type Row, type Scope, type Side, type Sizes } from './row.ts';
import { median, rounded } from './statistics.ts';

export interface RunOptions {
  readonly quick: boolean;
  readonly rounds: number;
  /** Sizes of the command line, which count before the row's. */
  readonly sizes: Sizes;
  readonly engines: Engines;
  /** See `Bench`. */
  readonly folders: string | undefined;
  /** Called with each comparison as it is done, so that a run that is broken off leaves what it had. */
  onProgress(result: Result): Promise<void>;
}

export async function runRow(row: Row, options: RunOptions): Promise<Result> {
  const run = new Run(row, options);
  await run.toItsEnd();
  return run.result();
}

class Run implements Bench {
  readonly #row: Row;
  readonly #options: RunOptions;
  readonly #sizes: Sizes;
  readonly #endings = new Endings();
  readonly #comparisons: ComparisonResult[] = [];
  readonly #notes: string[] = [];
  readonly #began = Date.now();
  readonly #load = load();
  #versions: Readonly<Record<string, string>> = {};
  #failed: string | undefined;

  constructor(row: Row, options: RunOptions) {
    this.#row = row;
    this.#options = options;
    const given = Object.entries(options.sizes).filter(([name]) => name in row.full);
    this.#sizes = { ...(options.quick ? row.quick : row.full), ...Object.fromEntries(given) };
  }

  async toItsEnd(): Promise<void> {
    this.#versions = await versions();
    this.say(`\n${this.#row.name}: ${this.#row.what}\n  beside: ${this.#row.against}; goal: ${this.#row.goal}`);
    try {
      await this.#row.run(this);
    } catch (error) {
      this.#failed = error instanceof Error ? error.message : String(error);
      this.say(error instanceof LeftOut ? `  left out: ${this.#failed}` : `  failed: ${String(error)}`);
    }
    await this.#endings.end((error) => this.say(`  at the end: ${String(error)}`));
  }

  result(): Result {
    const { name, what, against, goal, full } = this.#row;
    return {
      row: name,
      what,
      against,
      goal,
      date: new Date(this.#began).toISOString(),
      machine: { ...machine(), load: [this.#load, load()] },
      versions: this.#versions,
      sizes: this.#sizes,
      full: Object.entries(full).every(([size, asked]) => (this.#sizes[size] ?? 0) >= asked),
      seconds: Math.round((Date.now() - this.#began) / 1000),
      notes: this.#notes,
      ...(this.#failed === undefined ? {} : { failed: this.#failed }),
      comparisons: this.#comparisons,
    };
  }

  get folders(): string | undefined {
    return this.#options.folders;
  }

  get quick(): boolean {
    return this.#options.quick;
  }

  size(name: string): number {
    const size = this.#sizes[name];
    if (size === undefined) throw new Error(`the row ${this.#row.name} has no size ${name}`);
    return size;
  }

  kafka() {
    return this.#options.engines.kafka();
  }

  mongo() {
    return this.#options.engines.mongo();
  }

  folder() {
    return this.#endings.folder();
  }

  defer(end: () => Promise<unknown> | unknown): void {
    this.#endings.defer(end);
  }

  shared<T>(name: string, make: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#options.engines.shared(name, make);
  }

  async compare({ rounds = this.#options.rounds, ours, rival, ...told }: Comparison): Promise<void> {
    const sides = rival === undefined ? [ours] : [ours, rival];
    const samples = new Map<Side, number[]>(sides.map((side) => [side, []]));
    for (let round = 0; round < rounds; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) samples.get(side)?.push(await side.measure());
    }
    await this.#add({ ...told, sides: sides.map((side) => ({ name: side.name, samples: samples.get(side) ?? [] })) });
  }

  tell({ values, label, unit, goal }: Parameters<Bench['tell']>[0]): void {
    const sides = Object.entries(values).map(([name, value]) => ({ name, samples: [value] }));
    void this.#add({ label, unit, sides, ...(goal === undefined ? {} : { goal }) });
  }

  async #add(done: ComparisonResult): Promise<void> {
    this.#comparisons.push(done);
    const sides = done.sides.map(({ name, samples }) => `${name} ${rounded(median(samples))}`).join(', ');
    const ratios = ratiosOf(done);
    const ratio = ratios === undefined ? '' : `, ratio ${rounded(median(ratios))}`;
    const met = isMet(done);
    this.say(`  ${done.label}, ${done.unit}: ${sides}${ratio}${met === undefined ? '' : met ? ', met' : ', missed'}`);
    await this.#options.onProgress(this.result());
  }

  note(text: string): void {
    this.#notes.push(text);
    this.say(`  ${text}`);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
