/** The engines of a run, and what its rows share: begun when a row first asks, ended with the run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaForTests, mongoForTests } from '../../test/engines/index.ts';
import { LeftOut, type Scope } from './row.ts';

type End = () => Promise<unknown> | unknown;

/** What is to be ended, in the opposite order. */
export class Endings {
  readonly #all: End[] = [];

  defer(end: End): void {
    this.#all.push(end);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
    this.defer(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Ends all of it, also when some of it cannot be ended. */
  async end(onError: (error: unknown) => void): Promise<void> {
    for (const end of this.#all.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        onError(error);
      }
    }
  }
}

/** As brokers run for long: all that is hot is compiled as well as it can be, which tests do without to be ready sooner. */
const FOR_LONG = { heapMb: 1024, jvm: ['-XX:TieredStopAtLevel=4'] };

export class Engines extends Endings implements Scope {
  readonly #shared = new Map<string, Promise<unknown>>();
  readonly #quick: boolean;

  /** @param quick figures do not count: ready sooner */
  constructor(quick = false) {
    super();
    this.#quick = quick;
  }

  kafka() {
    return this.shared('Kafka', async () => {
      const found = await kafkaForTests(this.#quick ? {} : FOR_LONG);
      if (found.missing !== undefined) throw new LeftOut(found.missing);
      this.defer(() => found.engine.stop());
      return found.engine;
    });
  }

  mongo() {
    return this.shared('MongoDB', async () => {
      const found = await mongoForTests();
      if (found.missing !== undefined) throw new LeftOut(found.missing);
      this.defer(() => found.engine.stop());
      return found.engine;
    });
  }

  async shared<T>(name: string, make: (scope: Scope) => Promise<T>): Promise<T> {
    const known = this.#shared.get(name);
    // Under a name is what was made under it: rows say the same type with it.
    if (known !== undefined) return (await known) as T;
    const made = make(this);
    this.#shared.set(name, made);
    return await made;
  }
}
