/** The ways between the nodes of an engine: any one of them can be cut off from the others, in both directions or in one. */
import { TcpProxy } from './tcp-proxy.ts';

/** What of a node is cut: that others reach it, that it reaches them, or both. */
export type CutOff = 'both ways' | 'not reached' | 'reaches nobody';

export class Between {
  readonly #ways: { readonly from: number; readonly to: number; readonly proxy: TcpProxy }[] = [];

  /** For Kafka's nodes: an address of its own for each pair, with the ports of the one that is reached. */
  readonly brokers = async (from: number, to: number, ports: readonly number[]): Promise<string> => {
    // Linux answers to all of 127.0.0.0/8 without being told.
    const host = `127.1.${from}.${to}`;
    for (const port of ports) {
      this.#ways.push({ from, to, proxy: await TcpProxy.start({ to: `127.0.0.1:${port}`, host, port }) });
    }
    return host;
  };

  /** For mongods, which all know a member by one name: only that it is reached can be cut. */
  readonly members = async (address: string): Promise<string> => {
    const proxy = await TcpProxy.start({ to: address });
    this.#ways.push({ from: -1, to: this.#ways.length, proxy });
    return proxy.address;
  };

  cutOff(node: number, how: CutOff): void {
    for (const { from, to, proxy } of this.#ways) {
      if ((how !== 'reaches nobody' && to === node) || (how !== 'not reached' && from === node)) proxy.cut();
    }
  }

  mend(): void {
    for (const { proxy } of this.#ways) proxy.mend();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ways.map(({ proxy }) => proxy.stop()));
  }
}
