/**
 * An HTTP client that costs little, so that on one machine the server is what is measured: one request at a time over one
 * kept connection, and of the answer its body by Content-Length.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { percentile } from '../suite/statistics.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

/** A request to be sent again and again. */
export function requestOf(url: string, body: string): Buffer {
  const { host } = new URL(url);
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

export class HttpConnection {
  readonly #url: string;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #answer: { readonly resolve: (body: string) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(url: string) {
    this.#url = url;
  }

  static async open(url: string): Promise<HttpConnection> {
    const connection = new HttpConnection(url);
    await connection.#connect();
    return connection;
  }

  async #connect(): Promise<Socket> {
    const { hostname, port } = new URL(this.#url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#answer?.reject(error));
    // Servers close a connection that has been idle for some seconds: the next request opens another one.
    socket.on('close', () => {
      this.#socket = undefined;
      this.#received = Buffer.alloc(0);
      this.#answer?.reject(new Error('the server closed the connection'));
    });
    this.#socket = socket;
    return socket;
  }

  /** The answer's body. @throws when there is no Content-Length, or the connection ends */
  async send(request: Buffer): Promise<string> {
    const socket = this.#socket ?? (await this.#connect());
    return await new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const length = /content-length: (\d+)/i.exec(this.#received.toString('latin1', 0, end))?.[1];
    if (length === undefined) {
      this.#answer?.reject(new Error(`no Content-Length: ${this.#received.toString('latin1', 0, end)}`));
      return;
    }
    const total = end + HEAD_END.length + Number(length);
    if (this.#received.length < total) return;
    const body = this.#received.toString('utf8', end + HEAD_END.length, total);
    this.#received = this.#received.subarray(total);
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.resolve(body);
  }
}

export interface LoadFigures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface HttpLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Not counted, before those that are. */
  readonly warmUpSeconds?: number;
  body(number: number): string;
}

/** Each connection sends the next request when it has its answer. @throws for an answer with errors, or without a receipt */
export async function httpLoad(load: HttpLoad): Promise<LoadFigures> {
  const { url, connections, seconds, warmUpSeconds = 0.5, body } = load;
  const all = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(url)));
  const begin = performance.now() + warmUpSeconds * 1000;
  const end = begin + seconds * 1000;
  const times: number[] = [];
  let sent = 0;
  try {
    await Promise.all(
      all.map(async (connection) => {
        for (;;) {
          const started = performance.now();
          if (started > end) return;
          const answer = await connection.send(requestOf(url, body(sent++)));
          if (!answer.includes('"transactionId"') || answer.includes('"errors"')) throw new Error(answer.slice(0, 500));
          if (started > begin) times.push(performance.now() - started);
        }
      }),
    );
  } finally {
    for (const connection of all) connection.close();
  }
  return { perSecond: times.length / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
