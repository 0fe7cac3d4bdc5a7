/** What is bought in benches: customers and products by the names that every row uses, through the server that is measured. */
import type { Server } from '../../test/e2e/server.ts';
import { percentile } from '../suite/statistics.ts';
import { Finals } from './finals.ts';
import { HttpConnection, requestOf } from './http.ts';

const RECEIPT = '{ transactionId }';

export const mutations = {
  register: `mutation ($input: RegisterCustomerInput!) { done: registerCustomer(input: $input) ${RECEIPT} }`,
  add: `mutation ($input: AddProductInput!) { done: addProduct(input: $input) ${RECEIPT} }`,
  update: `mutation ($input: UpdateProductInput!) { done: updateProduct(input: $input) ${RECEIPT} }`,
  restock: `mutation ($input: RestockProductInput!) { done: restockProduct(input: $input) ${RECEIPT} }`,
  place: `mutation ($input: PlacePurchaseInput!) { done: placePurchase(input: $input) ${RECEIPT} }`,
} as const;

export function mutationBody(mutation: keyof typeof mutations, input: object): string {
  return JSON.stringify({ query: mutations[mutation], variables: { input } });
}

const CUSTOMERS = 50;
export const PRODUCTS = 200;

export const customerId = (at: number) => `c${at % CUSTOMERS}`;
export const productId = (at: number) => `p${at % PRODUCTS}`;

/** A purchase by one of the customers, of so many products. */
export function purchaseInput(at: number, lines: number): object {
  return {
    customerId: customerId(at),
    lines: Array.from({ length: lines }, (_, line) => ({ productId: productId(at * 7 + line * 31), quantity: 1 })),
  };
}

/** The id in a mutation's answer. @throws with the answer when it holds none */
function transactionOf(answer: string): string {
  const id = /"transactionId":"([^"]+)"/.exec(answer)?.[1];
  if (id === undefined) throw new Error(answer);
  return id;
}

/** Sends mutations over one connection, and knows how they end. */
export class Shop {
  readonly #connection: HttpConnection;
  readonly #finals: Finals;
  readonly #url: string;

  private constructor(url: string, connection: HttpConnection, finals: Finals) {
    this.#url = url;
    this.#connection = connection;
    this.#finals = finals;
  }

  /** Registers the customers and adds the products, unless they are there. */
  static async open(server: Server, { stock = 1_000_000_000, filled = false } = {}): Promise<Shop> {
    const shop = new Shop(server.url, await HttpConnection.open(server.url), await Finals.open(server));
    if (filled || (await shop.#isThere())) return shop;
    const all = [
      ...Array.from({ length: CUSTOMERS }, (_, at) =>
        mutationBody('register', { id: customerId(at), firstName: `First${at}`, lastName: `Last${at}` }),
      ),
      ...Array.from({ length: PRODUCTS }, (_, at) =>
        mutationBody('add', { id: productId(at), name: `Product ${at}`, price: '9.99', stock }),
      ),
    ];
    await shop.drive(25, (number) => all[number]);
    return shop;
  }

  /** Another row has opened it on the same server. */
  async #isThere(): Promise<boolean> {
    const query = `{ product(id: "${productId(PRODUCTS - 1)}") { id } }`;
    return !(await this.ask(JSON.stringify({ query }))).includes('"product":null');
  }

  /** The transaction's id. */
  async begin(mutation: keyof typeof mutations, input: object): Promise<string> {
    return transactionOf(await this.ask(mutationBody(mutation, input)));
  }

  /** @returns ms until its final status has come. @throws when it is rejected */
  async run(mutation: keyof typeof mutations, input: object): Promise<number> {
    const began = performance.now();
    const end = await this.#finals.of(await this.begin(mutation, input));
    if (end !== 'COMPLETED') throw new Error(`${mutation} was rejected: ${JSON.stringify(input)}`);
    return performance.now() - began;
  }

  /**
   * So many at once, each of them beginning the next transaction when its last one has ended, until `body` gives no more.
   * @param due waits until the transaction of this number is to be begun, and says from when its time counts; default: at once
   * @returns ms until each one's final status. @throws when one is rejected
   */
  async drive(
    inFlight: number,
    body: (number: number) => string | undefined,
    due: (number: number) => Promise<number> | number = () => performance.now(),
  ): Promise<readonly number[]> {
    const times: number[] = [];
    let next = 0;
    const one = async () => {
      const connection = await HttpConnection.open(this.#url);
      for (;;) {
        const number = next++;
        const text = body(number);
        if (text === undefined) break;
        const began = await due(number);
        const end = await this.#finals.of(transactionOf(await connection.send(requestOf(this.#url, text))));
        if (end !== 'COMPLETED') throw new Error(`rejected: ${text}`);
        times.push(performance.now() - began);
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return times;
  }

  /** The middle one of so many, one after another, in ms. */
  async p50(times: number, once: (at: number) => Promise<number>): Promise<number> {
    const all: number[] = [];
    for (let at = 0; at < times; at++) all.push(await once(at));
    return percentile(all, 0.5);
  }

  /** The answer to an operation, as text. */
  ask(body: string): Promise<string> {
    return this.#connection.send(requestOf(this.#url, body));
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.#finals.close();
  }
}
