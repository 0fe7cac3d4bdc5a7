/** How many mutations the gateway answers, beside the same server with resolvers that return a constant. */
import { startRival } from '../rigs/child.ts';
import { httpLoad } from '../rigs/http.ts';
import { mutationBody, purchaseInput } from '../rigs/shop.ts';
import { startOnKafka } from '../rigs/system.ts';
import type { Bench, Row } from '../suite/row.ts';

export const accept: Row = {
  name: 'accept',
  what: 'mutations answered in a second, the log on Kafka, no processor beside it',
  against: 'the same server, its resolvers returning a constant',
  goal: '≥ 0.85',
  full: { seconds: 10 },
  quick: { seconds: 1 },
  async run(bench) {
    const { gateway } = await startOnKafka(bench, ['gateway']);
    const constant = await startRival(bench, 'constant-server', {});
    await compareMutations(bench, { ours: gateway.url, rival: { name: 'constant', url: constant.url }, atLeast: 0.85 });
  },
};

export interface Compared {
  readonly ours: string;
  readonly rival: { readonly name: string; readonly url: string };
  readonly atLeast: number;
}

/** `placePurchase` of one line, by 64 and by 512 clients. */
export async function compareMutations(bench: Bench, { ours, rival, atLeast }: Compared): Promise<void> {
  for (const connections of [64, 512]) {
    const side = (name: string, url: string) => ({
      name,
      async measure() {
        const body = (number: number) => mutationBody('place', purchaseInput(number, 1));
        return (await httpLoad({ url, connections, seconds: bench.size('seconds'), body })).perSecond;
      },
    });
    await bench.compare({
      label: `${connections} connections`,
      unit: 'mutations/s',
      ours: side('Counterfoil', ours),
      rival: side(rival.name, rival.url),
      goal: { atLeast },
    });
  }
}
