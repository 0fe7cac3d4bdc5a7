/** A customer who shops at a steady pace over HTTP, and follows its transactions over one WebSocket. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** One operation of each kind in turn, ten in a second, also while earlier ones are not answered. */
const EVERY_MS = 100;
const PATIENCE_MS = 30_000;

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the query's.
  readonly data?: any;
  readonly errors?: readonly unknown[];
}

export class NormalClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #client: Client;
  #customerId = '';
  #productId = '';
  failed = 0;

  private constructor(url: string, token: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    class Forwarded extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols, { headers });
      }
    }
    this.#client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: Forwarded,
      connectionParams: { authorization: `Bearer ${token}` },
      lazy: false,
    });
  }

  /** Registers the customer, and chooses what it will buy. */
  static async open(url: string, token: string, headers: Readonly<Record<string, string>>): Promise<NormalClient> {
    const client = new NormalClient(url, token, headers);
    const { done } = await client.#ask(
      'mutation { done: registerCustomer(input: { firstName: "Ada", lastName: "Lovelace" }) { id transactionId } }',
    );
    await client.#ended(done.transactionId);
    client.#customerId = done.id;
    const { products } = await client.#ask('{ products(first: 1) { nodes { id } } }');
    client.#productId = products.nodes[0].id;
    return client;
  }

  /** @returns milliseconds from when each operation was due to its answer, by kind */
  async shop(seconds: number): Promise<ReadonlyMap<string, readonly number[]>> {
    const kinds: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['search', () => this.#ask('{ products(first: 20, filter: { text: "tea mountains" }) { nodes { id name } } }')],
      ['purchase, to its end', () => this.#buy()],
      ['own purchases', () => this.#ask('{ purchases(first: 20) { nodes { id status total } } }')],
    ];
    const times = new Map<string, number[]>();
    const begin = performance.now();
    const all: Promise<void>[] = [];
    for (let i = 0; i * EVERY_MS < seconds * 1000; i++) {
      const due = begin + i * EVERY_MS;
      await pause(Math.max(0, due - performance.now()));
      const [what, call] = kinds[i % kinds.length] ?? ['', async () => undefined];
      const done = call().then(
        () => void times.set(what, [...(times.get(what) ?? []), performance.now() - due]),
        () => void this.failed++,
      );
      all.push(done);
    }
    await Promise.all(all);
    return times;
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  async #buy(): Promise<void> {
    const { done } = await this.#ask(
      'mutation ($c: ID!, $p: ID!) { done: placePurchase(input: { customerId: $c, lines: [{ productId: $p, quantity: 1 }] }) { transactionId } }',
      { c: this.#customerId, p: this.#productId },
    );
    await this.#ended(done.transactionId);
  }

  async #ended(id: string): Promise<void> {
    const query = 'subscription ($id: ID!) { transaction(id: $id) { status } }';
    for await (const { errors } of this.#client.iterate({ query, variables: { id } })) if (errors) throw errors;
  }

  async #ask(query: string, variables: object = {}): Promise<Answer['data']> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
}
