/** Queries over HTTP, timed one by one. */
import { percentile } from '../suite/statistics.ts';
import { HttpConnection, requestOf } from './http.ts';

export interface Query {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** The page that every row asks for: filtered, sorted, with both totals. */
export const PAGE: Query = {
  query: /* GraphQL */ `{
    purchases(first: 50, filter: { status: [CONFIRMED] }, sort: { by: TOTAL, direction: DESC }) {
      totalCount totalAmount nodes { id version status total placedAt confirmedAt }
    }
  }`,
};
export const TOTALS: Query = { query: '{ purchases(first: 1) { totalCount totalAmount } }' };

export class Asking {
  readonly #url: string;
  readonly #connection: HttpConnection;

  private constructor(url: string, connection: HttpConnection) {
    this.#url = url;
    this.#connection = connection;
  }

  static async open(url: string): Promise<Asking> {
    return new Asking(url, await HttpConnection.open(url));
  }

  /** @returns ms until the answer is there @throws when it holds errors */
  async once(query: Query): Promise<number> {
    const began = performance.now();
    await this.text(query);
    return performance.now() - began;
  }

  /** @returns the answer @throws when it holds errors */
  async text(query: Query): Promise<string> {
    const answer = await this.#connection.send(requestOf(this.#url, JSON.stringify(query)));
    if (answer.includes('"errors"')) throw new Error(answer.slice(0, 500));
    return answer;
  }

  /** One after another. @returns ms, in ascending order */
  async times(query: Query, times: number): Promise<readonly number[]> {
    const all: number[] = [];
    for (let at = 0; at < times; at++) all.push(await this.once(query));
    return all.toSorted((a, b) => a - b);
  }

  async p50(query: Query, times: number): Promise<number> {
    return percentile(await this.times(query, times), 0.5);
  }

  close(): void {
    this.#connection.close();
  }
}
