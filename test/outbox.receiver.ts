/** A receiver of webhooks for tests: it keeps what it was sent, and answers as it is told. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  /** The `webhook-id`. */
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The status to answer with; `'never'`: the request is left without an answer; a promise: when that is known. */
type Answer = number | 'never' | Promise<number | 'never'>;

export class Receiver {
  readonly received: Received[] = [];
  /** How many requests were under way at the same time, at most. */
  mostAtOnce = 0;
  answer: (received: Received) => Answer = () => 204;
  /** A request has lost its sender before it was answered. */
  onCut: () => void = () => undefined;
  #underway = 0;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.start();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** At the same port as before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response));
    await new Promise<void>((listening) => server.listen(this.#port, '127.0.0.1', listening));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** As a process that is killed: connections are cut. */
  async kill(): Promise<void> {
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise((closed) => (server === undefined ? closed(undefined) : server.close(closed)));
  }

  /** Ids in the order in which they first came. */
  get ids(): readonly string[] {
    return [...new Set(this.received.map(({ id }) => id))];
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underway += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underway);
    response.once('close', () => {
      this.#underway -= 1;
      if (!response.writableFinished) this.onCut();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { id, type, subject, data } = JSON.parse(body);
    const received = { id, type, subject, data, headers: request.headers, body };
    this.received.push(received);
    const answer = await this.answer(received);
    if (answer !== 'never') response.writeHead(answer).end();
  }
}

/** Whether it is signed by the secret, as a receiver checks it. */
export function isSignedBy(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}
