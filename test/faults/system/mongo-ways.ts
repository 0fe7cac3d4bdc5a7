/** One process's ways to the members of a replica set, a proxy before each. */
import type { MongoNode } from '../../engines/mongo.ts';
import { type Protocol, renamed, TcpProxy } from './tcp-proxy.ts';

export class MongoWays {
  /** In the order of the members. */
  readonly proxies: TcpProxy[] = [];
  readonly #names = new Map<Buffer, Buffer>();

  private constructor() {}

  static async to(nodes: readonly MongoNode[]): Promise<MongoWays> {
    const ways = new MongoWays();
    for (const { address, member } of nodes) {
      const proxy = await TcpProxy.start({ to: address, protocol: ways.#protocol() });
      ways.proxies.push(proxy);
      ways.#names.set(Buffer.from(member), Buffer.from(proxy.address));
    }
    return ways;
  }

  /** The set as the process reaches it. */
  get url(): string {
    return `mongodb://${this.proxies.map(({ address }) => address).join()}/?replicaSet=rs0`;
  }

  /** Drivers go where the set's members say that they are: those names are replaced, in whatever answer. */
  #protocol(): Protocol {
    return {
      frameLength: (start) => (start.length < 4 ? undefined : start.readInt32LE(0)),
      connection: () => ({
        requests: (_frame, forward) => forward(),
        answers: (frame, forward) => {
          renamed(frame, this.#names);
          forward();
        },
      }),
    };
  }
}
