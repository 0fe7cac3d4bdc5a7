/**
 * As much as a gateway takes: each connection sends the next operation when the last one has been answered, and none waits for a
 * transaction's end. What is refused by back-pressure is sent again when the gateway says so.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { HttpConnection, requestOf } from '../rigs/http.ts';
import { customerId, mutationBody, productId, purchaseInput } from '../rigs/shop.ts';

const answered = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string(), retryAfter: z.number().optional() }),
      }),
    )
    .optional(),
});

const CANCEL = 'mutation ($input: CancelPurchaseInput!) { done: cancelPurchase(input: $input) { transactionId } }';
const PAGE = '{ purchases(first: 20, sort: { by: PLACED_AT, direction: DESC }) { nodes { id status total } } }';
/** At most so many seconds between two tries. */
const LONGEST_WAIT_S = 5;

export class FullLoad {
  readonly #url: string;
  readonly #running: Promise<void>[] = [];
  #stopped = false;
  #next = 0;
  /** Mutations that were answered with a receipt. */
  acknowledged = 0;
  /** Mutations that the gateway refused with UNAVAILABLE, and when to come back. */
  refused = 0;
  queries = 0;
  /** Anything else that went wrong. */
  readonly failures: string[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  start(connections: number): void {
    for (let at = 0; at < connections; at++) this.#running.push(this.#run());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const connection = await HttpConnection.open(this.#url);
    while (!this.#stopped) {
      const number = this.#next++;
      const body = operation(number);
      try {
        while (!(await this.#once(connection, body)) && !this.#stopped);
      } catch (error) {
        this.failures.push(String(error).slice(0, 300));
        await pause(1000);
      }
    }
    connection.close();
  }

  /** @returns whether it is done @throws for an answer that should not be */
  async #once(connection: HttpConnection, { body, mutation }: Operation): Promise<boolean> {
    const text = await connection.send(requestOf(this.#url, body));
    const { data, errors } = answered.parse(JSON.parse(text));
    const [error] = errors ?? [];
    if (error === undefined) {
      if (mutation) this.acknowledged += 1;
      else this.queries += 1;
      return data !== null;
    }
    if (error.extensions.code !== 'UNAVAILABLE') throw new Error(text);
    if (mutation) this.refused += 1;
    await pause(Math.min(LONGEST_WAIT_S, error.extensions.retryAfter ?? 1) * 1000);
    return false;
  }
}

interface Operation {
  readonly body: string;
  readonly mutation: boolean;
}

/** Of twenty, thirteen purchases (some of them under keys), three cancellations, two restocks, two queries. */
function operation(number: number): Operation {
  const kind = number % 20;
  const id = `soak-${number}`;
  if (kind >= 18) return { body: JSON.stringify({ query: PAGE }), mutation: false };
  if (kind >= 16) {
    return { body: mutationBody('restock', { productId: productId(number), quantity: 3 }), mutation: true };
  }
  if (kind >= 13) {
    // One that was placed a while ago; that it may not be there, or be cancelled already, is decided like all else.
    const input = { purchaseId: `soak-${Math.max(0, number - 2000 - kind)}` };
    return { body: JSON.stringify({ query: CANCEL, variables: { input } }), mutation: true };
  }
  const key = kind < 4 ? { idempotencyKey: id } : {};
  const input = { ...purchaseInput(number, 1 + (number % 3)), customerId: customerId(number), id, ...key };
  return { body: mutationBody('place', input), mutation: true };
}
