/** This process's end of a thread: requests go out in order, and each gets its answer. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ViewsUnavailable } from '../view-store.ts';
import type { Link } from './link.ts';
import type { Answered, AnswerOf, ArgsOf, Role } from './requests.ts';
import { ThreadFailure } from './thread-failure.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class ThreadLink<R> implements Link<R> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onDeath: (reason: string) => void;
  #numbers = 0;
  #ended: string | undefined;

  /** @param onDeath called when the thread ends by itself */
  constructor(role: Role, onDeath: (reason: string) => void) {
    this.#onDeath = onDeath;
    this.#worker = startThread(role);
    // It keeps the process alive only while somebody waits for an answer.
    this.#worker.unref();
    this.#worker.on('message', (answered: Answered) => this.#settle(answered));
    this.#worker.on('error', (error) => this.#died(error.message));
    this.#worker.on('exit', (code) => this.#died(`exit code ${code}`));
  }

  ask<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): Promise<AnswerOf<R, N>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended !== undefined) return reject(new ViewsUnavailable(this.#ended));
      const number = ++this.#numbers;
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ number, name, args });
    }) as Promise<AnswerOf<R, N>>;
  }

  tell<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): void {
    if (this.#ended === undefined) this.#worker.postMessage({ name, args });
  }

  get awaited(): number {
    return this.#waiting.size;
  }

  async end(): Promise<void> {
    this.#ended ??= 'the views are closed';
    this.#rejectAll(this.#ended);
    await this.#worker.terminate();
  }

  #settle(answered: Answered): void {
    const waiting = this.#waiting.get(answered.number);
    this.#waiting.delete(answered.number);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('failure' in answered) waiting?.reject(new ThreadFailure(answered.failure));
    else waiting?.resolve(answered.answer);
  }

  #died(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = `a thread of the views has ended: ${reason}`;
    this.#rejectAll(this.#ended);
    this.#onDeath(reason);
  }

  #rejectAll(message: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new ViewsUnavailable(message));
  }
}

/** Run from the sources, a thread needs the loader of TypeScript that this process has. */
function startThread(role: Role): Worker {
  const options = { workerData: { role }, name: `views ${role}` };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./views-thread.js', import.meta.url), options);
  }
  const tsx = dirname(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = pathToFileURL(join(tsx, 'dist', 'esm', 'api', 'index.mjs')).href;
  const file = new URL('./views-thread.ts', import.meta.url).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`;
  return new Worker(start, { ...options, eval: true });
}
