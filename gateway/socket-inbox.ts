/**
 * Takes the messages of one WebSocket in its user's turn: each in a turn of the event loop of its own, and while the user has
 * used up its share, nothing more is read.
 */
import type { RawData, WebSocket } from 'ws';
import { othersTurn } from '../waiting/time-slice.ts';
import { wrongShape } from './json-shape.ts';
import { KILOBYTE_MS, MESSAGE_MS, type WorkBudget } from './work-budget.ts';

export interface InboxOptions {
  readonly socket: WebSocket;
  readonly work: WorkBudget;
  /** Whose work it is; undefined: nobody's whose work is counted. */
  worker(): string | undefined;
  /** Handles one message; what it takes in one go is charged to it. */
  take(message: string): void;
  /** Told why a message is not even read. */
  refuse(why: string): void;
}

export class SocketInbox {
  readonly #options: InboxOptions;
  readonly #messages: RawData[] = [];
  #emptying = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  push(message: RawData): void {
    this.#messages.push(message);
    if (this.#emptying) return;
    this.#emptying = true;
    void this.#empty();
  }

  async #empty(): Promise<void> {
    const { socket, work, worker, take, refuse } = this.#options;
    for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift()) {
      const asker = worker();
      const paused = !work.free(asker);
      if (paused) socket.pause();
      const charged = await work.begin(asker);
      if (paused) socket.resume();
      if (socket.readyState === socket.OPEN) {
        const begun = performance.now();
        const text = String(message);
        const wrong = wrongShape(text);
        if (wrong === undefined) take(text);
        else refuse(wrong.message);
        work.charge(asker, MESSAGE_MS + (text.length / 1024) * KILOBYTE_MS + performance.now() - begun);
      }
      charged?.();
      if (socket.readyState !== socket.OPEN) break;
      if (this.#messages.length > 0) await othersTurn();
    }
    this.#messages.length = 0;
    this.#emptying = false;
  }
}
