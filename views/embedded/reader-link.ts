/** A reader of the folder, started when it is first asked, and anew when its thread has ended. */
import type { FolderOptions } from './folder.ts';
import { type Link, openLink } from './link.ts';
import type { AnswerOf, ArgsOf, ReaderRequests } from './requests.ts';

type Question = Exclude<keyof ReaderRequests, 'open' | 'close'>;

export class ReaderLink {
  readonly #options: FolderOptions;
  #thread: Link<ReaderRequests> | undefined;
  #opened: Promise<null> | undefined;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  get awaited(): number {
    return this.#thread?.awaited ?? 0;
  }

  async ask<N extends Question>(name: N, args: ArgsOf<ReaderRequests, N>): Promise<AnswerOf<ReaderRequests, N>> {
    const thread = this.#started();
    await this.open();
    return await thread.ask(name, args);
  }

  /** Opens the file, which the first question would do. */
  async open(): Promise<void> {
    this.#opened ??= this.#started().ask('open', this.#options);
    // Not opened: the next question tries again.
    this.#opened.catch(() => {
      this.#opened = undefined;
    });
    await this.#opened;
  }

  /** Lets go of the file, after what has been asked; the next question opens it again. */
  async letGo(): Promise<void> {
    this.#opened = undefined;
    await this.#thread?.ask('close', null).catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.letGo();
    await this.#thread?.end();
  }

  #started(): Link<ReaderRequests> {
    this.#thread ??= openLink<ReaderRequests>('reader', !this.#options.temporary, () => {
      this.#thread = undefined;
      this.#opened = undefined;
    });
    return this.#thread;
  }
}
