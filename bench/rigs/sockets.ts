/** Many WebSockets at once that cost this process little: messages are counted, and not looked into. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const OPENED_AT_ONCE = 100;

export class Sockets {
  readonly #all: WebSocket[] = [];
  received = 0;
  bytes = 0;
  /** The last message, as an example. */
  last = '';

  /** So many subscribers by the GraphQL protocol; resolves when all of them have been taken. */
  async subscribe(url: string, count: number, query: string, token?: string): Promise<void> {
    const payload = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const init = JSON.stringify({ type: 'connection_init', payload });
    const address = `${url.replace('http', 'ws')}/graphql`;
    const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query } });
    await this.#open(count, async () => {
      const socket = new WebSocket(address, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(init);
      await once(socket, 'message');
      socket.send(subscribe);
      // A pong behind it: the server handles a socket's messages in their order.
      socket.send(JSON.stringify({ type: 'ping' }));
      await once(socket, 'message');
      return socket;
    });
  }

  /** So many, without a protocol. */
  async connect(url: string, count: number): Promise<void> {
    await this.#open(count, async () => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      await once(socket, 'open');
      return socket;
    });
  }

  async #open(count: number, one: () => Promise<WebSocket>): Promise<void> {
    for (let opened = 0; opened < count; opened += OPENED_AT_ONCE) {
      const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - opened) }, one);
      for (const socket of await Promise.all(some)) {
        this.#all.push(socket);
        socket.on('message', (data: Buffer) => {
          this.received += 1;
          this.bytes += data.length;
          if (this.received % 1000 === 1) this.last = data.toString();
        });
        socket.on('error', () => undefined);
      }
    }
  }

  close(): void {
    for (const socket of this.#all.splice(0)) socket.terminate();
  }
}
