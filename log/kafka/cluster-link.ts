/**
 * A connection to the cluster that is made anew after it failed. A client of kafkajs whose broker hangs or has gone waits
 * for its time-outs one after another; so whoever meets an error drops the client, and the next use connects afresh.
 */
import type { Cluster, Connections, Leashed } from './connections.ts';

export class ClusterLink {
  readonly #connections: Connections;
  readonly #requestTimeoutMs: number;
  /** The topics whose metadata a new client needs before it is of use. */
  readonly #topics: () => Iterable<string>;
  #current: { readonly leashed: Leashed<Cluster>; readonly connected: Promise<Cluster> } | undefined;
  #closed = false;

  constructor(connections: Connections, requestTimeoutMs: number, topics: () => Iterable<string>) {
    this.#connections = connections;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#topics = topics;
  }

  /**
   * Runs `use` on a connected client. An error of `use`, or of connecting, drops the client, unless `keeps` says that the
   * error is the broker's answer and not the connection's fault.
   */
  async use<T>(use: (cluster: Cluster) => Promise<T>, keeps: (error: unknown) => boolean = () => false): Promise<T> {
    if (this.#closed) throw new Error('the connection was closed');
    const used = this.#current ?? this.#connect();
    try {
      const cluster = await used.connected;
      await cluster.refreshMetadataIfNecessary();
      const result = await use(cluster);
      this.#connections.access.reached();
      return result;
    } catch (error) {
      if (!keeps(error)) this.#drop(used.leashed);
      throw error;
    }
  }

  /** Drops the client at once: whoever waits for an answer of it gets an error. The next use connects anew. */
  renew(): void {
    if (this.#current !== undefined) this.#drop(this.#current.leashed);
  }

  close(): void {
    this.#closed = true;
    this.renew();
  }

  #connect() {
    const leashed = this.#connections.cluster(this.#requestTimeoutMs);
    const connected = (async () => {
      await leashed.client.connect();
      await leashed.client.addMultipleTargetTopics([...this.#topics()]);
      return leashed.client;
    })();
    // Every user awaits it and gets its error; one that comes after the drop must not be reported as unhandled.
    connected.catch(() => undefined);
    this.#current = { leashed, connected };
    return this.#current;
  }

  /** Only the one that failed: another caller may have made a new one meanwhile. */
  #drop(leashed: Leashed<Cluster>): void {
    leashed.kill();
    if (leashed === this.#current?.leashed) this.#current = undefined;
  }
}
