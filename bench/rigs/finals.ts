/** Hears the end of every transaction, over one WebSocket that is open before any of them is begun. */
import type { Client } from 'graphql-ws';
import { z } from 'zod';
import type { Server } from '../../test/e2e/server.ts';

const answer = z.object({ data: z.object({ transactions: z.object({ id: z.string(), status: z.string() }) }) });

export type End = 'COMPLETED' | 'REJECTED';

export class Finals {
  readonly #client: Client;
  readonly #waiting = new Map<
    string,
    { readonly resolve: (end: End) => void; readonly reject: (why: Error) => void }
  >();
  /** Ended before anybody asked: the receipt is on its way. */
  readonly #early = new Map<string, End>();
  /** Why nothing more will be heard. */
  #broken: Error | undefined;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves once the server has taken the subscription. */
  static async open(server: Server): Promise<Finals> {
    const client = server.client();
    const finals = new Finals(client);
    const query = 'subscription { transactions(all: true) { id status } }';
    const heard = (async () => {
      for await (const each of client.iterate({ query })) finals.#take(each);
    })();
    heard.then(
      () => finals.#break(new Error('the subscription ended')),
      (error: unknown) => finals.#break(error instanceof Error ? error : new Error(JSON.stringify(error))),
    );
    // A subscription has no answer of its own: what is asked behind it is answered after it.
    for await (const _ of client.iterate({ query: '{ viewer { __typename } }' })) break;
    return finals;
  }

  /** How the transaction ends. */
  of(id: string): Promise<End> {
    const early = this.#early.get(id);
    if (early !== undefined) {
      this.#early.delete(id);
      return Promise.resolve(early);
    }
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #take(each: unknown): void {
    const parsed = answer.safeParse(each);
    if (!parsed.success) throw new Error(`the subscription answered ${JSON.stringify(each)}`);
    const { id, status } = parsed.data.data.transactions;
    if (status !== 'COMPLETED' && status !== 'REJECTED') return;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      this.#early.set(id, status);
      return;
    }
    this.#waiting.delete(id);
    waiting.resolve(status);
  }

  #break(why: Error): void {
    this.#broken = why;
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }
}
